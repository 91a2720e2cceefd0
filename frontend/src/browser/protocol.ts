/** Over which HTTP this page and what it loads came. */

const multiplexed: ReadonlySet<string> = new Set(['h2', 'h3']);

/** Many requests share one connection (HTTP/2 and 3). Not over HTTP/1.1, where a browser opens six to a host and no more. */
export function isMultiplexed(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const protocol = navigation?.nextHopProtocol ?? '';
  // A page that came from a cache names none; what it loaded since does.
  return multiplexed.has(protocol === '' ? protocolOfLoads() : protocol);
}

function protocolOfLoads(): string {
  const loads = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  return loads.findLast(({ name, nextHopProtocol }) => name.startsWith(location.origin) && nextHopProtocol !== '')?.nextHopProtocol ?? '';
}
