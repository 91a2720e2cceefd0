import { texts } from '@/texts/en';
import { type Fact, Facts } from '@/ui/Facts';
import styles from './CameraFacts.module.css';
import { age, bitRate, count, latencySeconds, moment, rate, seconds } from './format';
import { isPlaying } from './message';
import type { CameraHandle } from './useCamera';

const words = texts.camera;

/** Two lists: what the service knows about the camera, and how this browser plays it. */
export function CameraFacts({ camera }: { readonly camera: CameraHandle }) {
  return (
    <div className={styles.lists}>
      <Facts title={words.facts} facts={cameraFacts(camera)} />
      <Facts title={words.stream} facts={playerFacts(camera)} />
    </div>
  );
}

const orUnknown = <T,>(value: T | null | undefined, say: (value: T) => string): string => (value == null ? words.unknown : say(value));

function cameraFacts({ report }: CameraHandle): readonly Fact[] {
  const size = report?.width == null || report.height == null ? words.unknown : words.size(report.width, report.height);
  const facts: Fact[] = [
    { label: words.state, value: orUnknown(report, ({ step, sentence }) => words.steps[step] ?? sentence) },
    { label: words.since, value: orUnknown(report?.since, (at) => moment(at, Date.now())) },
    { label: words.pictureSize, value: size },
    { label: words.picturesPerSecond, value: orUnknown(report?.framesPerSecond, rate) },
    { label: words.bitRate, value: orUnknown(report?.kilobitsPerSecond, bitRate) },
    { label: words.keyFrames, value: orUnknown(report?.keyFrameIntervalSeconds, seconds) },
    { label: words.lastFrame, value: orUnknown(report?.lastFrameAgeMs, (ms) => words.ago(age(ms))) },
    { label: words.reconnects, value: orUnknown(report?.reconnects, count) },
  ];
  return report?.lastError == null ? facts : [...facts, { label: words.lastError, value: report.lastError }];
}

function playerFacts({ snapshot }: CameraHandle): readonly Fact[] {
  const playing = isPlaying(snapshot);
  return [
    { label: words.delivery, value: playing ? words.deliveries[snapshot.delivery] : words.unknown },
    { label: words.latencyFact, value: orUnknown(snapshot.latencyMs, (ms) => words.seconds(latencySeconds(ms))) },
    { label: words.buffered, value: playing ? words.seconds(latencySeconds(snapshot.bufferedMs)) : words.unknown },
    { label: words.stalls, value: count(snapshot.stalls) },
    { label: words.dropped, value: count(snapshot.dropped) },
  ];
}
