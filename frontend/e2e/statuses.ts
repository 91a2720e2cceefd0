/** Printers in every state of the page, as the service tells of them. */

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const spool = (id: number, material: string, color: string, remainingPercent: number | null = null) => ({
  id,
  content: 'known',
  feeding: false,
  material,
  name: null,
  color,
  remainingPercent,
});

interface Was {
  readonly kind: string;
  readonly sentence: string;
}

interface More {
  readonly code?: string;
  readonly wasPrinting?: boolean;
  readonly note?: string;
  readonly since?: string;
  readonly before?: Was;
}

const display = (kind: string, sentence: string, { code, wasPrinting = false, note, since, before }: More = {}) => ({
  kind,
  sentence,
  ...(code === undefined ? {} : { code, params: {} }),
  wasPrinting,
  note: note ?? null,
  since: since ?? null,
  before: before ?? null,
});

const ranOut = 'Filament ran out in AMS A, slot 3.';
const dirty = 'The lens of the nozzle camera is dirty.';

/** Complaints as the service tells of them. */
const runout = {
  code: '0700-8011',
  severity: 'serious',
  sentence: ranOut,
  wiki: 'https://wiki.bambulab.com/en/x1/troubleshooting/hmscode/0700_8011',
  role: 'needs-you',
  needsYou: true,
  whatToDo: 'Put in a new spool of the same filament, then resume on the printer.',
};
const dirtyLens = {
  code: '0C00-0100-0002-0017',
  severity: 'serious',
  sentence: dirty,
  wiki: 'https://wiki.bambulab.com/en/x1/troubleshooting/hmscode/0C00_0100_0002_0017',
  role: 'note',
  needsYou: false,
  whatToDo: 'Wipe the lens with a soft cloth when the print is over.',
};
/** A code that no table explains. */
const hidden = {
  code: '0500-0600-0002-0070',
  severity: 'serious',
  sentence: 'The printer reports 0500-0600-0002-0070.',
  wiki: 'https://wiki.bambulab.com/en/x1/troubleshooting/hmscode/0500_0600_0002_0070',
  role: 'detail',
  needsYou: false,
  whatToDo: null,
};

/** A job as it runs. */
export const job = {
  id: '7',
  name: 'bracket_v3.3mf',
  phase: 'running',
  layer: 112,
  totalLayers: 240,
  stage: 'Printing',
  startTime: minutesAgo(252),
  finishTime: null,
};

export const printing = () => ({
  connected: true,
  jobState: 'RUNNING',
  percent: 47,
  remainingMinutes: 38,
  nozzleC: 219.6,
  bedC: 60,
  chamberC: 41,
  light: 'on',
  lastUpdate: new Date().toISOString(),
  incomplete: false,
  display: display('printing', 'Printing.', { code: 'printer.printing', wasPrinting: true }),
  link: { step: 'live', sentence: 'The printer is connected.', since: minutesAgo(300), reconnects: 0, lastError: null as string | null, certificateChanged: false },
  model: 'X1C',
  firmware: '01.08.02.00',
  job,
  nozzleTargetC: 220,
  bedTargetC: 60,
  chamberTargetC: null,
  nozzles: [{ id: 0, place: null, active: true, nowC: 219.6, targetC: 220, diameterMm: 0.4, kind: 'hardened steel' }] as unknown[],
  fans: { part: 100, auxiliary: 70, secondAuxiliary: null, chamber: 70, innerLoop: null, heatbreak: 100 },
  speed: 'standard',
  lights: [
    { node: 'chamber_light', mode: 'on' },
    { node: 'work_light', mode: 'flashing' },
  ],
  network: { wired: false, wifiDbm: -61 },
  doorOpen: false as boolean | null,
  storage: 'good' as string | null,
  unreadFields: [] as string[],
  ams: [
    {
      id: 0,
      kind: 'ams',
      extruder: null as number | null,
      humidityPercent: 24 as number | null,
      dryness: 4,
      temperatureC: 28 as number | null,
      dryingMinutes: null as number | null,
      slots: [
        { ...spool(0, 'PLA', '#f2f2f2', 62), feeding: true },
        spool(1, 'PETG', '#1d6b46'),
        { ...spool(2, '', ''), content: 'unknown', material: null, color: null },
        { ...spool(3, '', ''), content: 'empty', material: null, color: null },
      ],
    },
  ],
  externalSpools: [] as unknown[],
  problems: [] as unknown[],
  commands: { taken: 'yes', sentence: null as string | null },
});

const still = { job: { ...job, phase: 'idle', id: null, name: null, layer: null, totalLayers: null }, percent: null, remainingMinutes: null };

const notThere = 'The printer does not answer at 192.168.1.15. Check that it is on and in this network.';
const gone = (minutes: number) => ({
  step: 'retrying',
  sentence: 'The printer does not answer at 192.168.1.15.',
  since: minutesAgo(minutes),
  reconnects: 2,
  lastError: null as string | null,
  certificateChanged: false,
});

export const states = {
  printing,
  preparing: () => ({
    ...printing(),
    jobState: 'PREPARE',
    percent: 0,
    nozzleC: 142,
    display: display('preparing', 'Heating the nozzle.', { wasPrinting: true }),
    job: { ...job, phase: 'preparing', layer: 0 },
  }),
  paused: () => ({
    ...printing(),
    jobState: 'PAUSE',
    display: display('paused', 'The print is paused.', { wasPrinting: true }),
    job: { ...job, phase: 'paused' },
  }),
  needsYou: () => ({
    ...printing(),
    jobState: 'PAUSE',
    display: display('needs-you', ranOut, { wasPrinting: true }),
    job: { ...job, phase: 'paused' },
    problems: [runout, dirtyLens, hidden],
  }),
  noted: () => ({
    ...printing(),
    display: display('printing', 'Printing.', { code: 'printer.printing', wasPrinting: true, note: dirty }),
    problems: [dirtyLens, hidden, { ...hidden, code: '0500-0100-0002-000B', sentence: 'The printer reports 0500-0100-0002-000B.' }],
  }),
  stopped: () => ({
    ...printing(),
    jobState: 'FAILED',
    percent: 30,
    remainingMinutes: 0,
    nozzleC: 143,
    nozzleTargetC: 0,
    bedTargetC: 0,
    display: display('stopped', 'Somebody stopped the print.'),
    job: { ...job, phase: 'failed' },
  }),
  failed: () => ({
    ...printing(),
    jobState: 'FAILED',
    percent: 30,
    remainingMinutes: 0,
    nozzleC: 143,
    nozzleTargetC: 0,
    bedTargetC: 0,
    display: display('failed', 'The print failed: the nozzle did not reach its temperature.'),
    job: { ...job, phase: 'failed' },
  }),
  finished: () => ({
    ...printing(),
    jobState: 'FINISH',
    percent: 100,
    remainingMinutes: 0,
    nozzleC: 71,
    nozzleTargetC: 0,
    display: display('finished', 'The print is finished.'),
    job: { ...job, phase: 'finished' },
  }),
  /** As a P2S is left by firmware 01.02. */
  stillHot: () => ({
    ...printing(),
    jobState: 'FINISH',
    percent: 100,
    remainingMinutes: 0,
    nozzleC: 255,
    nozzleTargetC: 255,
    display: display('finished', 'The print is finished, and the nozzle is still held at 255 °C.'),
    job: { ...job, phase: 'finished' },
  }),
  idle: () => ({
    ...printing(),
    ...still,
    jobState: 'IDLE',
    nozzleC: 24,
    nozzleTargetC: 0,
    bedC: 23,
    bedTargetC: 0,
    chamberC: null,
    light: 'off',
    display: display('idle', 'The printer has nothing to do.'),
  }),
  offline: () => ({
    ...printing(),
    connected: false,
    lastUpdate: minutesAgo(47),
    display: display('offline', notThere, { wasPrinting: true, since: minutesAgo(47), before: { kind: 'printing', sentence: 'Printing.' } }),
    link: gone(47),
  }),
  offlineNeeded: () => ({
    ...printing(),
    connected: false,
    jobState: 'PAUSE',
    lastUpdate: minutesAgo(96),
    display: display('offline', notThere, { wasPrinting: true, since: minutesAgo(95), before: { kind: 'needs-you', sentence: ranOut } }),
    link: gone(95),
    job: { ...job, phase: 'paused' },
    problems: [runout],
  }),
  switchedOff: () => ({
    ...printing(),
    ...still,
    connected: false,
    lastUpdate: minutesAgo(2_000),
    display: display('offline', notThere, { since: minutesAgo(2_000), before: { kind: 'idle', sentence: 'The printer has nothing to do.' } }),
    link: gone(2_000),
  }),
  /** A P1P that unpacks a job reports nothing for minutes, and answers pings. */
  quiet: () => ({
    ...printing(),
    jobState: 'PREPARE',
    percent: null,
    remainingMinutes: null,
    lastUpdate: minutesAgo(2.3),
    display: display('preparing', 'Preparing the print.', { wasPrinting: true }),
    link: { ...printing().link, step: 'quiet', sentence: 'The printer answers and has nothing to report. That is usual while it unpacks a print.' },
    job: { ...job, phase: 'preparing', layer: null, totalLayers: null },
  }),
  notTold: () => ({ ...printing(), incomplete: true, ams: [] as never[], externalSpools: [] as unknown[] }),
  newCertificate: () => ({
    ...printing(),
    ...still,
    connected: false,
    lastUpdate: minutesAgo(47),
    display: display('offline', 'The printer shows another certificate than before; nothing is sent to it.', { since: minutesAgo(47), before: { kind: 'idle', sentence: '' } }),
    link: { ...gone(47), step: 'refused', sentence: 'The printer shows another certificate than before; nothing is sent to it.', certificateChanged: true },
  }),
  noData: () => ({
    ...printing(),
    lastUpdate: minutesAgo(2.2),
    display: display('no-data', 'The printer is connected, but its reports have stopped.', { wasPrinting: true, before: { kind: 'printing', sentence: 'Printing.' } }),
    link: { ...printing().link, step: 'silent', sentence: 'The printer does not answer any more.' },
  }),
  twoNozzles: () => {
    const { ams, ...rest } = printing();
    const [unit] = ams;
    return {
      ...rest,
      model: 'H2D',
      firmware: '01.02.00.00',
      job: { ...job, name: 'gearbox_housing_two_colours_v12_final.gcode.3mf' },
      nozzleC: 254,
      nozzleTargetC: 255,
      nozzles: [
        { id: 0, place: 'right', active: false, nowC: 70, targetC: 70, diameterMm: 0.4, kind: 'hardened steel' },
        { id: 1, place: 'left', active: true, nowC: 254, targetC: 255, diameterMm: 0.4, kind: 'high flow' },
      ],
      chamberC: 58,
      chamberTargetC: 60,
      ams: [
        { ...unit, id: 0, kind: 'pro2', extruder: 1 },
        {
          ...unit,
          id: 128,
          kind: 'ht',
          extruder: 0,
          humidityPercent: 11,
          temperatureC: 65,
          dryingMinutes: 312,
          slots: [spool(0, 'PA6-CF', '#20242a', 88)],
        },
      ],
      externalSpools: [{ ...spool(255, 'TPU', '#e2492f') }],
      network: { wired: true, wifiDbm: null },
      unreadFields: ['device.extruder.info[2].temp', 'ams.ams[1].dry_sf_reason'],
    };
  },
  withoutCamera: () => ({
    ...printing(),
    model: 'A1',
    firmware: '01.05.00.00',
    chamberC: null,
    doorOpen: null,
    lights: [{ node: 'chamber_light', mode: 'on' }],
    fans: { part: 70, auxiliary: null, secondAuxiliary: null, chamber: null, innerLoop: null, heatbreak: 100 },
    network: { wired: false, wifiDbm: -78 },
    ams: [],
    externalSpools: [{ ...spool(254, 'PLA', '#f7c948'), feeding: true }],
    commands: { taken: 'unknown', sentence: 'This model does not tell whether it takes commands.' },
  }),
  aging: () => ({ ...printing(), lastUpdate: minutesAgo(0.8) }),
  guarded: () => ({
    ...printing(),
    commands: {
      taken: 'no',
      sentence:
        'The printer takes this from Bambu’s own programs only. Turn Developer Mode on, on the printer’s screen under LAN Only Mode. The light works without it.',
    },
  }),
} as const;

const halfHour = 180;

const rising = (from: number, to: number, steps: number, noise: number): readonly number[] =>
  Array.from({ length: halfHour }, (_, n) => Math.round((from + (to - from) * (1 - Math.exp(-n / steps)) + Math.sin(n * 1.7) * noise) * 10) / 10);

/** A half hour in which nozzle and bed were heated up, and for a minute nobody heard the printer. */
export const history = () => ({
  everySeconds: 10,
  until: new Date().toISOString(),
  nozzleC: rising(26, 220, 14, 0.6).map((value, n) => (n > 70 && n < 77 ? null : value)),
  bedC: rising(23, 60, 22, 0.1),
  chamberC: rising(24, 41, 90, 0.2),
});
