/** The first three characters of a serial number tell the model. */
const models: Readonly<Record<string, string>> = {
  '00M': 'X1 Carbon',
  '00W': 'X1',
  '03W': 'X1E',
  '20P': 'X2D',
  '01S': 'P1P',
  '01P': 'P1S',
  '22E': 'P2S',
  '039': 'A1',
  '030': 'A1 mini',
  '26A': 'A2L',
  '094': 'H2D',
  '239': 'H2D Pro',
  '093': 'H2S',
  '31B': 'H2C',
};

export const modelOf = (serial: string): string | null => models[serial.trim().slice(0, 3).toUpperCase()] ?? null;

/** A name to begin with: the model, counted where there is one of it already. Empty where the model is unknown. */
export function nameFor(serial: string, taken: readonly string[]): string {
  const model = modelOf(serial);
  if (model === null) {
    return '';
  }
  let name = model;
  for (let n = 2; taken.includes(name); n += 1) {
    name = `${model} ${n}`;
  }
  return name;
}
