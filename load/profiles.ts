/** How a load comes about. */
type Profile = LoadProfile | StormProfile;

/** Requests of the guide's mix. */
export type LoadProfile = UserProfile | RateProfile;

/** Users who each wait for an answer, think, and ask again: a slow answer slows the load down. */
export interface UserProfile {
  readonly kind: 'users';
  readonly title: string;
  readonly users: number;
  /** Seconds in which the users arrive; the first requests of all at once would be no load of its own kind. */
  readonly rampSeconds: number;
  readonly seconds: number;
}

/** Requests at fixed times, whether those before are answered or not. */
interface RateProfile {
  readonly kind: 'rate';
  readonly title: string;
  readonly perMinute: number;
  readonly seconds: number;
}

/** One tenant uploads very much, another one file. */
interface StormProfile {
  readonly kind: 'storm';
  readonly uploads: number;
}

export const PROFILE_NAMES = ['guide', 'steady', 'phase1', 'phase2', 'phase3', 'storm'] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

/** Seconds that a user thinks between two requests, at least and at most. */
export const THINK_SECONDS = [1, 3] as const;

/** The scaling guide's load test, its throughput, and its phases of growth. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  guide: users('the guide’s load test', 100, 180),
  steady: { kind: 'rate', title: 'the guide’s throughput', perMinute: 10_000, seconds: 300 },
  phase1: users('phase 1', 100, 300),
  phase2: users('phase 2', 500, 300),
  phase3: users('phase 3', 1000, 300),
  storm: { kind: 'storm', uploads: 200 },
};

function users(title: string, count: number, seconds: number): UserProfile {
  return { kind: 'users', title, users: count, rampSeconds: 10, seconds };
}
