/**
 * What services count about themselves: plain numbers in memory, on the way of a request. Whoever keeps metrics (CloudWatch) takes them
 * from here now and then; nobody else needs to know.
 */
export interface Metrics {
  /** To be asked for once and held where the requests come by. Two of the same name are added up by whoever takes them. */
  series(of: SeriesName): Series;
  /** What was counted since the last time, and nothing of what was silent. */
  drain(): Counted[];
  /** Asked once a minute, before what was counted is taken: for what is to be told of silence. */
  everyMinute(tell: () => void): void;
  /** Asks them all. */
  observe(): void;
}

export interface SeriesName {
  readonly region: string;
  /** e.g. `AWS/SageMaker` */
  readonly namespace: string;
  readonly metric: string;
  readonly unit: string;
  /** Every set of dimensions under which the same numbers are kept. */
  readonly dimensions: readonly Readonly<Record<string, string>>[];
}

export interface Series {
  add(value: number): void;
  /** Whether nothing was added since the last time. */
  readonly silent: boolean;
}

/** What CloudWatch calls a statistic set. */
export interface Counted {
  readonly of: SeriesName;
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
}

export function createMetrics(): Metrics {
  let touched: CountedSeries[] = [];
  const observers: (() => void)[] = [];
  return {
    series: (of) => new CountedSeries(of, (series) => touched.push(series)),
    drain() {
      const all = touched;
      touched = [];
      return all.map((series) => series.take());
    },
    everyMinute: (tell) => void observers.push(tell),
    observe() {
      for (const tell of observers) tell();
    },
  };
}

class CountedSeries implements Series {
  readonly #of: SeriesName;
  readonly #touch: (series: CountedSeries) => void;
  #count = 0;
  #sum = 0;
  #least = 0;
  #most = 0;

  constructor(of: SeriesName, touch: (series: CountedSeries) => void) {
    this.#of = of;
    this.#touch = touch;
  }

  get silent(): boolean {
    return this.#count === 0;
  }

  add(value: number): void {
    if (this.#count === 0) {
      this.#touch(this);
      this.#least = value;
      this.#most = value;
    } else if (value < this.#least) this.#least = value;
    else if (value > this.#most) this.#most = value;
    this.#count++;
    this.#sum += value;
  }

  take(): Counted {
    const counted = { of: this.#of, count: this.#count, sum: this.#sum, least: this.#least, most: this.#most };
    this.#count = 0;
    this.#sum = 0;
    return counted;
  }
}
