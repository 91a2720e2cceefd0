import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { type Draft, addPrinter, printersQuery } from '@/api/printers';
import { texts } from '@/texts/en';
import { FormCard } from './FormCard';
import { PrinterForm } from './PrinterForm';

/** Adds a printer, and goes to its picture. */
export function AddPrinter() {
  const [, navigate] = useLocation();
  const cache = useQueryClient();
  const add = async (draft: Draft) => {
    const printer = await addPrinter(draft);
    cache.setQueryData(printersQuery.queryKey, (before) => [...(before ?? []), printer]);
    void cache.invalidateQueries(printersQuery);
    navigate(`/p/${printer.id}`);
  };
  return (
    <FormCard title={texts.form.addTitle} lead={texts.form.addLead}>
      <PrinterForm saved={null} onSubmit={add} onCancel={() => navigate('/')} />
    </FormCard>
  );
}
