export function median(values) {
  return quantile(values, 0.5);
}

export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Runs the sides in turn (A B A B …), so that what else the machine does hits both; gives each side's results. */
export async function inTurn(repeats, sides) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let i = 0; i < repeats; i++) {
    for (const [name, side] of Object.entries(sides)) results[name].push(await side(i));
  }
  return results;
}

/** The median of the ratios of neighbours is steadier than the ratio of the medians. */
export function medianRatio(ours, theirs) {
  return median(ours.map((value, i) => value / theirs[i]));
}

export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export const milliseconds = (value) => (value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(0)} ms`);
export const seconds = (value) => `${(value / 1000).toFixed(2)} s`;
export const perSecond = (value) => `${Math.round(value).toLocaleString("en")} req/s`;
export const megabytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
export const percent = (ratio) => `${(ratio * 100).toFixed(0)}%`;
export const times = (ratio) => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}×`;
