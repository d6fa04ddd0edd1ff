import { eventFactor, type PlantedEvent } from './events.ts';
import { exponential, type Random } from './random.ts';

/** What one creative delivered on one platform on one day. Day numbers count from the first day of the export. */
export interface Delivery {
  readonly day: number;
  readonly platform: string;
  readonly impressions: number;
  readonly clicks: number;
  /** In hundredths of the currency unit, as the export prints it. */
  readonly spendPence: number;
}

/** When a creative is shown at all. */
export interface Schedule {
  readonly first: number;
  readonly last: number;
  /** Days without delivery. */
  readonly paused: ReadonlySet<number>;
}

interface Profile {
  /** Median impressions a day. */
  readonly volume: number;
  readonly volumeNoise: number;
  readonly weeklyVolume: number;
  readonly warmUpDays: number;
  readonly budgetSteps: readonly { readonly day: number; readonly factor: number }[];
  readonly ctr: number;
  readonly weeklyCtr: number;
  /** Standard deviation and day-to-day correlation of a mood that is nobody's fault. */
  readonly mood: number;
  readonly moodMemory: number;
  /** Over-dispersion: relative standard deviation of a day's true CTR beside the mood. */
  readonly dispersion: number;
  readonly costPerMille: number;
  readonly costNoise: number;
  readonly platforms: readonly {
    readonly name: string;
    readonly share: number;
    readonly ctrFactor: number;
  }[];
}

/** Monday to Sunday around zero; a weekly season of amplitude a multiplies by 1 + a · shape. */
const WEEK = [-0.7, -0.8, -0.3, 0, 0.3, 1, 0.5];

const PLATFORMS = [
  { name: 'facebook', ctrFactor: 1 },
  { name: 'instagram', ctrFactor: 0.85 },
  { name: 'audience_network', ctrFactor: 1.5 },
  { name: 'messenger', ctrFactor: 0.7 },
] as const;

function drawProfile(schedule: Schedule, random: Random): Profile {
  const length = schedule.last - schedule.first + 1;
  const budgetSteps = Array.from({ length: 4 }, () => ({
    day: random.integer(schedule.first + 1, schedule.last),
    factor: random.chance(length / 240) ? random.around(1, 0.5) : 1,
  }));
  return {
    volume: random.around(7000, 2.2),
    volumeNoise: random.between(0.1, 0.3),
    weeklyVolume: random.between(0, 0.25),
    warmUpDays: random.chance(0.4) ? random.integer(3, 10) : 0,
    budgetSteps,
    ctr: random.around(0.014, 0.8),
    weeklyCtr: random.between(0, 0.06),
    mood: random.between(0, 0.03),
    moodMemory: random.between(0.3, 0.8),
    dispersion: random.between(0.02, 0.09),
    costPerMille: random.around(6, 0.8),
    costNoise: random.between(0.03, 0.1),
    platforms: drawPlatforms(random),
  };
}

/** Two to four platforms whose click rates average to 1 over the creative's impressions. */
function drawPlatforms(random: Random): Profile['platforms'] {
  const chosen = PLATFORMS.filter((_, index) => index < 2 || random.chance(0.3));
  const weights = chosen.map((_, index) => random.between(0.3, 1) / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const meanFactor = chosen.reduce(
    (sum, platform, index) => sum + platform.ctrFactor * (shares[index] ?? 0),
    0,
  );
  return chosen.map(({ name, ctrFactor }, index) => ({
    name,
    share: shares[index] ?? 0,
    ctrFactor: ctrFactor / meanFactor,
  }));
}

/** Every row of one creative, by day, then platform. */
export function deliver(schedule: Schedule, event: PlantedEvent | null, random: Random): Delivery[] {
  const profile = drawProfile(schedule, random);
  const rows: Delivery[] = [];
  const innovation = profile.mood * Math.sqrt(1 - profile.moodMemory * profile.moodMemory);
  let mood = profile.mood * random.normal();
  for (let day = schedule.first; day <= schedule.last; day++) {
    mood = profile.moodMemory * mood + innovation * random.normal();
    const shown = drawImpressions(profile, day, schedule.first, random);
    const ctr =
      drawRate(profile, day, mood, random) * (event?.metric === 'ctr' ? eventFactor(event, day) : 1);
    const cost =
      (1 + profile.costNoise * random.normal()) * (event?.metric === 'cpc' ? eventFactor(event, day) : 1);
    if (schedule.paused.has(day)) continue;
    for (const platform of profile.platforms) {
      const impressions = Math.max(0, Math.round(shown * platform.share * (1 + 0.06 * random.normal())));
      const clicks = random.binomial(impressions, Math.min(0.5, ctr * platform.ctrFactor));
      const spendPence = Math.round((impressions * profile.costPerMille * cost) / 10);
      rows.push({ day, platform: platform.name, impressions, clicks, spendPence });
    }
  }
  return rows;
}

function drawImpressions(profile: Profile, day: number, first: number, random: Random): number {
  const budget = profile.budgetSteps.reduce(
    (factor, step) => (day >= step.day ? factor * step.factor : factor),
    1,
  );
  const warmUp = profile.warmUpDays === 0 ? 1 : Math.min(1, 0.2 + (0.8 * (day - first)) / profile.warmUpDays);
  const season = 1 + profile.weeklyVolume * (WEEK[day % 7] ?? 0);
  return profile.volume * budget * warmUp * season * exponential(profile.volumeNoise * random.normal());
}

function drawRate(profile: Profile, day: number, mood: number, random: Random): number {
  const season = 1 + profile.weeklyCtr * (WEEK[day % 7] ?? 0);
  return profile.ctr * season * (1 + mood) * Math.max(0.1, 1 + profile.dispersion * random.normal());
}
