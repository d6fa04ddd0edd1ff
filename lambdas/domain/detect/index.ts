import type { DetectorName } from '../parameters.ts';
import type { Detector } from './detector.ts';
import { level } from './level.ts';
import { shape } from './shape.ts';

/** Every detector by its name (analysis spec §5). */
export const detectors: Readonly<Record<DetectorName, Detector>> = { level, shape };
