import { type Camera, isLive } from '@/api/schemas';
import { texts } from '@/texts';
import { ago, count, moment } from '@/texts/format';
import { type Fact, Facts } from '@/ui/Facts';
import { bitRate, pictureSeconds, rate, seconds } from './format';
import type { CameraHandle } from './useCamera';

const words = texts.camera;

/** What the service knows about the camera. How this browser plays it is the stage's to tell. */
export function CameraFacts({ camera: { report } }: { readonly camera: CameraHandle }) {
  return report === null ? null : <Facts title={words.facts} facts={cameraFacts(report)} />;
}

/** What is not known is not listed. */
export function cameraFacts(report: Camera): readonly Fact[] {
  const { width, height } = report;
  return [
    { label: words.state, value: isLive(report) ? (report.kind === 'pictures' ? words.picturesCome : words.live) : words.noPicture },
    ...known(words.since, report.since, (at) => moment(at, Date.now())),
    ...known(words.pictureSize, width, (pixels) => (height === null ? '' : words.size(pixels, height))),
    ...known(words.picturesPerSecond, report.framesPerSecond, rate),
    ...known(words.bitRate, report.kilobitsPerSecond, bitRate),
    ...known(words.pictureEvery, report.pictureIntervalSeconds, (s) => words.aboutEvery(texts.time.seconds(pictureSeconds(s * 1_000)))),
    ...known(words.keyFrames, report.keyFrameIntervalSeconds, seconds),
    ...known(report.kind === 'pictures' ? words.lastPicture : words.lastFrame, report.lastFrameAgeMs, ago),
    ...known(words.reconnects, report.reconnects, count),
    ...(report.lastError === null ? [] : [{ label: words.lastError, value: report.lastError, isLong: true }]),
  ];
}

const known = <T,>(label: string, value: T | null, say: (value: T) => string): readonly Fact[] =>
  value === null ? [] : [{ label, value: say(value) }];
