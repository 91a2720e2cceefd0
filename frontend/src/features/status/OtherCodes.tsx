import type { PrinterProblem } from '@/api/status';
import { texts } from '@/texts';
import { Folded } from './Folded';
import { CodeLine } from './Problems';

const words = texts.status;

/** Codes that no table explains: the printers' own screens hide most of them, so they alarm nobody here either. */
export function OtherCodes({ problems }: { readonly problems: readonly PrinterProblem[] }) {
  const codes = problems.filter(({ role }) => role === 'detail');
  return codes.length === 0 ? null : (
    <Folded summary={words.otherCodes(codes.length)} more={words.otherCodesMore}>
      {codes.map(({ code, wiki }) => (
        <CodeLine key={code} code={code} wiki={wiki} />
      ))}
    </Folded>
  );
}
