/** Milliseconds of processor time that this process has used: unlike the clock, it stands still while others run. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * How many times as much work a larger input is than a smaller one. Machines differ and noise only ever adds, so
 * the least of several attempts is taken; what takes next to no time counts as a millisecond.
 */
export function growthOf(work: (size: number) => unknown, small: number, large: number): number {
  const least = (size: number): number => {
    const attempts = Array.from({ length: 3 }, () => {
      const started = cpuMs();
      work(size);
      return cpuMs() - started;
    });
    return Math.max(1, Math.min(...attempts));
  };
  return least(large) / least(small);
}
