import { Component, type ReactNode } from 'react';
import { texts } from '@/texts/en';
import { Button } from '@/ui/Button';
import { Notice } from '@/ui/Notice';

/** The last resort: a fault of this page's own, said in words instead of a white screen. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) {
      return this.props.children;
    }
    return (
      <Notice action={<Button onClick={() => location.reload()}>{texts.app.reload}</Button>}>
        {texts.app.crashed} {texts.app.crashedMore}
      </Notice>
    );
  }
}
