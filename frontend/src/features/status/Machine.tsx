import type { Fans, Light } from '@/api/status';
import { useField } from '@/fleet/fleetStore';
import { texts } from '@/texts';
import { type Fact, Facts } from '@/ui/Facts';

const words = texts.status;

const noLights: readonly Light[] = [];

/** Fans, speed level and lights, as far as the printer has them. */
export function Machine({ id }: { readonly id: number }) {
  const fans = useField(id, 'fans');
  const speed = useField(id, 'speed');
  const lights = useField(id, 'lights') ?? noLights;
  const facts = [...(speed === null ? [] : [{ label: words.speed, value: words.speedLevels[speed] }]), ...fanFacts(fans), ...lights.map(lightFact)];
  return facts.length === 0 ? null : <Facts title={words.machine} facts={facts} />;
}

const names = Object.keys(words.fans) as readonly (keyof Fans)[];

const fanFacts = (fans: Fans | null): readonly Fact[] =>
  names.flatMap((name) => {
    const percent = fans?.[name] ?? null;
    return percent === null ? [] : [{ label: words.fans[name], value: percent === 0 ? words.off : words.percent(percent) }];
  });

/** A light that nobody here knows keeps the printer's name for it. */
const lightFact = ({ node, mode }: Light): Fact => ({
  label: (words.lights as Readonly<Record<string, string>>)[node] ?? node,
  value: words.lightModes[mode],
});
