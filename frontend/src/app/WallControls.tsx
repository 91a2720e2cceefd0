import type { Printer } from '@/api/schemas';
import { LatestStill } from '@/features/camera/LatestPicture';
import { TileControls } from '@/features/control/TileControls';

/** What one can do from the wall. */
export function WallControls({ printer: { id, name } }: { readonly printer: Printer }) {
  return <TileControls id={id} name={name} picture={<LatestStill id={id} />} />;
}
