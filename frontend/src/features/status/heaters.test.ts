import { describe, expect, it } from 'vitest';
import { heatsOf, isHeating } from './heaters';

const none = { nozzleC: null, nozzleTargetC: null, bedC: null, bedTargetC: null, chamberC: null, chamberTargetC: null, nozzles: [] };
const nozzle = (id: number, place: string, active: boolean) => ({ id, place, active, nowC: 200 + id, targetC: 220, diameterMm: 0.4, kind: 'hardened steel' });

describe('what a printer measures', () => {
  it('is only what it has', () => {
    expect(heatsOf(none)).toEqual([]);
    expect(heatsOf({ ...none, nozzleC: 24, nozzleTargetC: 0, bedC: 23 }).map(({ name, target }) => [name, target])).toEqual([
      ['Nozzle', null],
      ['Bed', null],
    ]);
  });

  it('is each of two nozzles, with the one that prints', () => {
    const heats = heatsOf({ ...none, nozzleC: 201, nozzles: [nozzle(0, 'right', false), nozzle(1, 'left', true)] });
    expect(heats.map(({ name, isActive, sensor, fitted }) => [name, isActive, sensor, fitted])).toEqual([
      ['Right nozzle', false, null, '0.4 mm · hardened steel'],
      ['Left nozzle', true, 'nozzleC', '0.4 mm · hardened steel'],
    ]);
  });

  it('heats while it is well below its target', () => {
    const [nozzleHeat, bed] = heatsOf({ ...none, nozzleC: 142, nozzleTargetC: 220, bedC: 58, bedTargetC: 60 });
    expect([nozzleHeat, bed].map((heat) => heat && isHeating(heat))).toEqual([true, false]);
  });
});
