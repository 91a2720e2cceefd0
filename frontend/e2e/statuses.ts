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
  display: { kind: 'printing', sentence: 'Printing.', wasPrinting: true },
  link: { step: 'live', sentence: 'The printer is connected.', since: minutesAgo(300), reconnects: 0, lastError: null },
  model: 'X1C',
  firmware: '01.08.02.00',
  job,
  nozzleTargetC: 220,
  bedTargetC: 60,
  chamberTargetC: null,
  nozzles: [],
  network: { wired: false, wifiDbm: -61 },
  doorOpen: false,
  ams: [
    {
      id: 0,
      kind: 'ams',
      humidityPercent: 24,
      slots: [
        { ...spool(0, 'PLA', '#f2f2f2', 62), feeding: true },
        spool(1, 'PETG', '#1d6b46'),
        { ...spool(2, '', ''), content: 'unknown', material: null, color: null },
        { ...spool(3, '', ''), content: 'empty', material: null, color: null },
      ],
    },
  ],
  externalSpools: [],
  problems: [] as unknown[],
  commands: { taken: 'yes', sentence: null as string | null },
});

const still = { job: { ...job, phase: 'idle', id: null, name: null, layer: null, totalLayers: null }, percent: null, remainingMinutes: null };

export const states = {
  printing,
  preparing: () => ({
    ...printing(),
    jobState: 'PREPARE',
    percent: 0,
    nozzleC: 142,
    display: { kind: 'preparing', sentence: 'Heating the nozzle.', wasPrinting: true },
    job: { ...job, phase: 'preparing', layer: 0 },
  }),
  paused: () => ({
    ...printing(),
    jobState: 'PAUSE',
    display: { kind: 'paused', sentence: 'The print is paused.', wasPrinting: true },
    job: { ...job, phase: 'paused' },
  }),
  needsYou: () => ({
    ...printing(),
    jobState: 'PAUSE',
    display: { kind: 'needs-you', sentence: 'Filament ran out in the AMS.', wasPrinting: true },
    job: { ...job, phase: 'paused' },
    problems: [
      {
        code: '0700-8011',
        severity: 'serious',
        sentence: 'Filament ran out in the AMS.',
        wiki: 'https://wiki.bambulab.com/en/x1/troubleshooting/hmscode/0700_8011',
        needsYou: true,
      },
      { code: '0300-0D00-0001-0003', severity: 'common', sentence: 'The printer reports 0300-0D00-0001-0003.', wiki: 'https://wiki.bambulab.com/', needsYou: false },
    ],
  }),
  finished: () => ({
    ...printing(),
    jobState: 'FINISH',
    percent: 100,
    remainingMinutes: 0,
    nozzleC: 71,
    nozzleTargetC: 0,
    display: { kind: 'finished', sentence: 'The print is finished.', wasPrinting: false },
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
    display: { kind: 'idle', sentence: 'The printer has nothing to do.', wasPrinting: false },
  }),
  offline: () => ({
    ...printing(),
    connected: false,
    lastUpdate: minutesAgo(47),
    display: { kind: 'offline', sentence: 'The printer does not answer at 192.168.1.15. Check that it is on and in this network.', wasPrinting: true },
    link: { step: 'retrying', sentence: 'The printer does not answer at 192.168.1.15.', since: minutesAgo(47), reconnects: 2, lastError: null },
  }),
  noData: () => ({
    ...printing(),
    lastUpdate: minutesAgo(2.2),
    display: { kind: 'no-data', sentence: 'The printer is connected, but its reports have stopped.', wasPrinting: true },
  }),
  guarded: () => ({
    ...printing(),
    commands: {
      taken: 'no',
      sentence:
        'The printer takes this from Bambu’s own programs only. Turn Developer Mode on, on the printer’s screen under LAN Only Mode. The light works without it.',
    },
  }),
} as const;
