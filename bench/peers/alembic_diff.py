"""Alembic's comparison of the tables that bench/entities.ts describes; one measurement for each line of input.

Usage: python3 alembic_diff.py URL COUNT. Prints for each line the milliseconds and the number of differences.
"""

import sys
import time

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, create_engine


def include(name, kind, parent_names):
    return not (kind == "table" and name is not None and name.startswith("limbeck_"))


def metadata(count):
    made = MetaData()
    for i in range(count):
        name = f"thing_{i}"
        columns = [Column("id", Integer, primary_key=True, autoincrement=True)]
        columns += [Column(f"column{c}", String(50 + c), nullable=c % 2 == 0) for c in range(8)]
        if i > 0:
            parent = ForeignKey(f"thing_{i - 1}.id", name=f"fk_{name}_parent_id_thing_{i - 1}")
            columns.append(Column("parent_id", Integer, parent, nullable=True))
        table = Table(name, made, *columns)
        Index(f"ix_{name}_column1", table.c.column1)
        if i > 0:
            Index(f"ix_{name}_parent_id", table.c.parent_id)
    return made


def main():
    # A chain of foreign keys is followed by recursion.
    sys.setrecursionlimit(100_000)
    url, count = sys.argv[1], int(sys.argv[2])
    engine = create_engine(url)
    for _ in sys.stdin:
        start = time.perf_counter()
        wanted = metadata(count)
        with engine.connect() as connection:
            options = {"compare_type": True, "compare_server_default": True, "include_name": include}
            context = MigrationContext.configure(connection, opts=options)
            found = compare_metadata(context, wanted)
        print(f"{(time.perf_counter() - start) * 1000:.3f} {len(found)}", flush=True)


main()
