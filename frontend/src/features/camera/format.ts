import { texts } from '@/texts';
import { count, tenths, upToTenths } from '@/texts/format';

/** `1.4`: what a latency is worth, no more. */
export const latencySeconds = (ms: number): string => (ms < 10_000 ? tenths : count)(ms / 1_000);

export const rate = (fps: number): string => texts.camera.fps(upToTenths(fps));

export const bitRate = (kbps: number): string => (kbps < 1_000 ? texts.camera.kilobits(count(kbps)) : texts.camera.megabits(tenths(kbps / 1_000)));

export const seconds = (s: number): string => texts.time.seconds(upToTenths(s));

/** Of single pictures: `0.8`, `2`. What comes and goes by tenths is said as whole seconds. */
export const pictureSeconds = (ms: number): string => (ms < 1_000 ? upToTenths : count)(ms / 1_000);
