import { Picture } from './Picture';
import { useCamera } from './useCamera';

/** A camera on the wall: plays while it is in view and there is room for it, and shows stills where there is none. */
export function CameraTile({ id, name, rank }: { readonly id: number; readonly name: string; readonly rank: number }) {
  const camera = useCamera(id, { rank, reportEveryMs: false });
  return <Picture camera={camera} name={name} size="tile" />;
}
