import type { ReactNode } from 'react';
import { ErrorBoundary } from './ErrorBoundary';

/** A part of a page that may crash without the others. */
export const isolated = (children: ReactNode): ReactNode => <ErrorBoundary isPart>{children}</ErrorBoundary>;
