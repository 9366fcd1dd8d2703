/** Style and script of the page. Texts reach the document as text nodes only, never as markup. */

export const PAGE_STYLE = [
  '*{box-sizing:border-box}html,body{height:100%;margin:0}',
  'body{display:flex;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif}',
  'aside{width:280px;flex:none;display:flex;flex-direction:column;padding:16px;border-right:1px solid var(--rim);background:var(--box);min-height:0}',
  'h1{font-size:16px;margin:0 0 12px;overflow-wrap:anywhere}',
  'input{font:inherit;width:100%;padding:7px 10px;border:1px solid var(--rim);border-radius:6px;background:var(--bg);color:var(--ink)}',
  '#count{margin:8px 2px;color:var(--faint);font-size:12px}',
  '#list{list-style:none;margin:0;padding:0;overflow:auto;flex:1}',
  '#list button{display:block;width:100%;text-align:left;border:0;background:none;color:inherit;font:inherit;padding:4px 8px;border-radius:5px;cursor:pointer;overflow-wrap:anywhere}',
  '#list button:hover{background:var(--head)}#list button[aria-current=true]{background:var(--pick);color:var(--box)}',
  '#list small{color:var(--faint);margin-left:6px}#list [aria-current=true] small{color:inherit}',
  'main{flex:1;position:relative;min-width:0;overflow:hidden}',
  '#canvas{width:100%;height:100%;display:block;cursor:grab;touch-action:none;user-select:none}#canvas.drag{cursor:grabbing}',
  '.t{cursor:pointer}.dim{opacity:.14}.t.pick .box{stroke:var(--pick);stroke-width:3}.e.near path{stroke:var(--pick);stroke-width:2.2}',
  '#tools{position:absolute;left:16px;bottom:16px;display:flex;gap:6px}',
  '#tools button,#details button{font:inherit;border:1px solid var(--rim);border-radius:6px;background:var(--box);color:var(--ink);padding:4px 11px;cursor:pointer}',
  '#details{position:absolute;right:16px;top:16px;max-width:min(680px,70%);max-height:calc(100% - 32px);overflow:auto;background:var(--box);border:1px solid var(--rim);border-radius:8px;padding:14px 16px;box-shadow:0 4px 18px #0003}',
  '#details h2{margin:0 40px 4px 0;font-size:15px;overflow-wrap:anywhere}#details .close{position:absolute;right:10px;top:10px}',
  '#details p{margin:4px 0;color:var(--faint)}#details pre,#details li{overflow-wrap:anywhere;white-space:pre-wrap;font:12px ui-monospace,Menlo,Consolas,monospace}',
  '#details ul{padding-left:18px;margin:8px 0 0}#details table{border-collapse:collapse;font:12px ui-monospace,Menlo,Consolas,monospace;margin:8px 0}',
  '#details td,#details th{text-align:left;vertical-align:top;padding:3px 12px 3px 0;border-bottom:1px solid var(--head);overflow-wrap:anywhere}#details th{color:var(--faint);font-weight:500}#details th,#details td:nth-child(-n+4){white-space:nowrap}',
  '@media(max-width:700px){body{flex-direction:column}aside{width:100%;max-height:38%}}',
].join('');

export const PAGE_SCRIPT = `'use strict';
(() => {
  const { width, height, tables, links } = JSON.parse(document.getElementById('schema').textContent);
  const at = (id) => document.getElementById(id);
  const [canvas, scene, search, list, count, details] = ['canvas', 'scene', 'search', 'list', 'count', 'details'].map(at);
  const boxes = [...document.querySelectorAll('.t')];
  const wires = [...document.querySelectorAll('.e')];
  let picked = -1;
  let found = new Set(tables.keys());
  let view = { x: 0, y: 0, scale: 1 };
  canvas.removeAttribute('viewBox');

  const make = (name, text) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const move = (next) => {
    view = next;
    scene.setAttribute('transform', 'translate(' + view.x + ' ' + view.y + ') scale(' + view.scale + ')');
  };
  const whole = () => {
    const room = canvas.getBoundingClientRect();
    const scale = Math.min(room.width / width, room.height / height, 1.2) || 1;
    move({ scale, x: (room.width - width * scale) / 2, y: (room.height - height * scale) / 2 });
  };
  const zoom = (factor, x, y) => {
    const scale = Math.min(4, Math.max(0.05, view.scale * factor));
    const by = scale / view.scale;
    move({ scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by });
  };
  const zoomMiddle = (factor) => {
    const room = canvas.getBoundingClientRect();
    zoom(factor, room.width / 2, room.height / 2);
  };
  const center = (index) => {
    const room = canvas.getBoundingClientRect();
    const box = boxes[index].getBoundingClientRect();
    const scale = Math.max(view.scale, 0.8);
    const by = scale / view.scale;
    const [x, y] = [box.left - room.left + box.width / 2 - view.x, box.top - room.top + box.height / 2 - view.y];
    move({ scale, x: room.width / 2 - x * by, y: room.height / 2 - y * by });
  };

  const paint = () => {
    const near = new Set([picked]);
    for (const wire of wires) {
      const [a, b] = [Number(wire.dataset.a), Number(wire.dataset.b)];
      const isNear = picked >= 0 && (a === picked || b === picked);
      if (isNear) near.add(a).add(b);
      wire.classList.toggle('near', isNear);
      wire.classList.toggle('dim', picked >= 0 ? !isNear : !(found.has(a) && found.has(b)));
    }
    boxes.forEach((box, index) => {
      box.classList.toggle('pick', index === picked);
      box.classList.toggle('dim', picked >= 0 ? !near.has(index) : !found.has(index));
    });
    for (const button of list.querySelectorAll('button')) {
      button.setAttribute('aria-current', String(Number(button.dataset.t) === picked));
    }
  };

  const row = (cells, kind) => {
    const line = make('tr');
    for (const text of cells) line.append(make(kind, text));
    return line;
  };
  const describe = (table) => {
    const close = make('button', '×');
    close.className = 'close';
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', () => pick(-1));
    details.replaceChildren(close, make('h2', table.name));
    const words = [table.kind === 'outside' ? 'not in this schema' : table.kind, table.mark, table.was && 'was ' + table.was];
    details.append(make('p', words.filter(Boolean).join(', ')));
    if (table.comment) details.append(make('p', table.comment));
    if (table.columns.length > 0) {
      const grid = make('table');
      if (table.kind === 'enum') grid.append(...table.columns.map((one) => row([one.name, one.mark || ''], 'td')));
      else grid.append(
        row(['column', 'type', 'null', 'key', 'more'], 'th'),
        ...table.columns.map((one) => row([
          one.name, one.type, one.nullable ? 'null' : 'not null', one.keys.join(' '),
          [one.mark, one.was && 'was ' + one.was, ...one.references.map((to) => '→ ' + to),
            one.default !== undefined && 'default ' + one.default, one.generated && 'generated as ' + one.generated,
            one.comment].filter(Boolean).join(' · '),
        ], 'td')),
      );
      details.append(grid);
    }
    if (table.query) details.append(make('pre', table.query));
    const by = links.filter((link) => link.to === table.name).map((link) => '← ' + link.from + ' (' + link.columns.join(', ') + ')');
    const lines = make('ul');
    lines.append(...[...table.details, ...by].map((text) => make('li', text)));
    if (lines.childElementCount > 0) details.append(lines);
  };

  const pick = (index, isCentered) => {
    picked = index;
    details.hidden = index < 0;
    if (index >= 0) describe(tables[index]);
    if (index >= 0 && isCentered) center(index);
    paint();
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    found = new Set();
    list.replaceChildren();
    tables.forEach((table, index) => {
      const column = table.columns.find((one) => words.length > 0 && has((table.name + '.' + one.name).toLowerCase()));
      const isNamed = has(table.name.toLowerCase());
      if (!isNamed && column === undefined) return;
      found.add(index);
      const button = make('button', table.name);
      button.dataset.t = String(index);
      if (!isNamed) button.append(make('small', column.name));
      button.addEventListener('click', () => pick(index, true));
      const item = make('li');
      item.append(button);
      list.append(item);
    });
    count.textContent = words.length === 0 ? tables.length + ' in all' : found.size + ' of ' + tables.length;
    if (picked >= 0 && words.length > 0) return pick(-1);
    paint();
  };

  let drag;
  canvas.addEventListener('pointerdown', (event) => {
    drag = { x: event.clientX, y: event.clientY, view, hasMoved: false, target: event.target };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag === undefined) return;
    const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
    if (Math.abs(x) + Math.abs(y) > 4) drag.hasMoved = true;
    if (!drag.hasMoved) return;
    canvas.classList.add('drag');
    move({ ...drag.view, x: drag.view.x + x, y: drag.view.y + y });
  });
  const drop = () => {
    canvas.classList.remove('drag');
    drag = undefined;
  };
  canvas.addEventListener('pointerup', () => {
    if (drag !== undefined && !drag.hasMoved) {
      const box = drag.target.closest('.t');
      pick(box === null ? -1 : Number(box.dataset.t));
    }
    drop();
  });
  canvas.addEventListener('pointercancel', drop);
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const room = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - room.left, event.clientY - room.top);
  }, { passive: false });
  at('in').addEventListener('click', () => zoomMiddle(1.3));
  at('out').addEventListener('click', () => zoomMiddle(1 / 1.3));
  at('whole').addEventListener('click', whole);
  search.addEventListener('input', filter);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && found.size > 0) pick([...found][0], true);
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') pick(-1);
    if (event.key === '/' && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  filter();
  whole();
})();
`;
