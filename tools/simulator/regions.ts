import type { ServiceRequest } from './messages';
import { regionOf } from './messages';
import type { Settings } from './settings';
import type { LoggedCall, Simulator, Summary } from './simulator';

/**
 * The Regions of the simulated AWS. Regions share nothing, so each has a simulator of its own. It starts with the
 * first request that is signed for the Region.
 */
export class Regions {
  private readonly others = new Map<string, Simulator>();
  private readonly changedSettings: Settings[] = [];

  /** Without a function that creates simulators, the first one serves every Region. */
  constructor(private readonly home: Simulator, private readonly create?: (region: string) => Simulator) {}

  serving(request: ServiceRequest): Simulator {
    const region = regionOf(request) ?? this.home.region;
    const existing = this.existing(region);
    if (existing !== undefined) return existing;
    const simulator = this.create!(region);
    this.changedSettings.forEach(settings => simulator.changeSettings(settings));
    this.others.set(region, simulator);
    return simulator;
  }

  /** The simulator of a Region; undefined if no request was signed for the Region. */
  existing(region: string): Simulator | undefined {
    return region === this.home.region || this.create === undefined ? this.home : this.others.get(region);
  }

  list(): Simulator[] {
    return [this.home, ...this.others.values()];
  }

  summary(): Summary {
    const summaries = this.list().map(simulator => simulator.summary());
    return {
      images: summaries.flatMap(({ images }) => images),
      microvms: summaries.flatMap(({ microvms }) => microvms),
      connectors: summaries.flatMap(({ connectors }) => connectors),
      processes: summaries.flatMap(({ processes }) => processes),
    };
  }

  calls(): LoggedCall[] {
    return this.list().flatMap(simulator => simulator.calls()).sort((a, b) => a.time - b.time);
  }

  changeSettings(settings: Settings): void {
    this.changedSettings.push(settings);
    this.list().forEach(simulator => simulator.changeSettings(settings));
  }

  async reset(): Promise<void> {
    await Promise.all(this.list().map(async simulator => simulator.reset()));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.list().map(async simulator => simulator.dispose()));
  }
}
