import { type Camera, isLive } from '@/api/schemas';
import { texts } from '@/texts/en';
import { ago, count, moment } from '@/texts/format';
import { type Fact, Facts } from '@/ui/Facts';
import styles from './CameraFacts.module.css';
import { bitRate, latencySeconds, rate, seconds } from './format';
import { isPlaying } from './message';
import type { Snapshot } from './player/player';
import type { CameraHandle } from './useCamera';

const words = texts.camera;

/** What the service knows about the camera, and how this browser plays it. What is not known is not listed. */
export function CameraFacts({ camera: { report, snapshot } }: { readonly camera: CameraHandle }) {
  return (
    <div className={styles.lists}>
      {report === null ? null : <Facts title={words.facts} facts={cameraFacts(report)} />}
      {snapshot.isOnTop ? <Facts title={words.stream} facts={playerFacts(snapshot)} /> : null}
    </div>
  );
}

function cameraFacts(report: Camera): readonly Fact[] {
  const { width, height } = report;
  return [
    { label: words.state, value: isLive(report) ? words.live : words.noPicture },
    ...known(words.since, report.since, (at) => moment(at, Date.now())),
    ...known(words.pictureSize, width, (pixels) => (height === null ? '' : words.size(pixels, height))),
    ...known(words.picturesPerSecond, report.framesPerSecond, rate),
    ...known(words.bitRate, report.kilobitsPerSecond, bitRate),
    ...known(words.keyFrames, report.keyFrameIntervalSeconds, seconds),
    ...known(words.lastFrame, report.lastFrameAgeMs, ago),
    ...known(words.reconnects, report.reconnects, count),
    ...(report.lastError === null ? [] : [{ label: words.lastError, value: report.lastError, isLong: true }]),
  ];
}

function playerFacts(snapshot: Snapshot): readonly Fact[] {
  const playing = isPlaying(snapshot);
  return [
    ...known(words.delivery, playing ? snapshot.delivery : null, (delivery) => words.deliveries[delivery]),
    ...known(words.latencyFact, snapshot.latencyMs, inSeconds),
    ...known(words.buffered, playing ? snapshot.bufferedMs : null, inSeconds),
    ...known(words.stalls, snapshot.stalls, count),
    ...known(words.dropped, snapshot.dropped, count),
  ];
}

const inSeconds = (ms: number): string => words.seconds(latencySeconds(ms));

const known = <T,>(label: string, value: T | null, say: (value: T) => string): readonly Fact[] =>
  value === null ? [] : [{ label, value: say(value) }];
