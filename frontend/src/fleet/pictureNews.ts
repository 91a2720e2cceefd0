/** Tells whoever shows a camera's single pictures that there is another one. Nothing is kept: the service has the newest. */

type Listener = () => void;

const listeners = new Map<number, Set<Listener>>();

export function tellPicture(id: number): void {
  for (const listener of listeners.get(id) ?? []) {
    listener();
  }
}

/** Calls `listener` at each new picture of the camera, until the returned function is called. */
export function onPicture(id: number, listener: Listener): () => void {
  const ofCamera = listeners.get(id) ?? new Set();
  listeners.set(id, ofCamera.add(listener));
  return () => {
    ofCamera.delete(listener);
    if (ofCamera.size === 0 && listeners.get(id) === ofCamera) {
      listeners.delete(id);
    }
  };
}
