import { Component, type ReactNode } from 'react';
import { texts } from '@/texts';
import { Button } from '@/ui/Button';
import { Notice } from '@/ui/Notice';
import styles from './ErrorBoundary.module.css';

interface Props {
  /** Another place is another page, which did not crash. */
  readonly at?: string;
  /** A part of a page, which stands without it. */
  readonly isPart?: boolean;
  readonly children: ReactNode;
}

interface State {
  readonly at: string | undefined;
  readonly error: unknown;
}

/** A part is tried again by itself: nobody presses a button on a television. */
const againAfterMs = 30_000;

/** The last resort: a fault of this page's own, said in words instead of a white screen. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { at: this.props.at, error: null };
  #timer: ReturnType<typeof setTimeout> | undefined;

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? 'null' };
  }

  static getDerivedStateFromProps({ at }: Props, state: State): State | null {
    return at === state.at ? null : { at, error: null };
  }

  override componentDidCatch() {
    if (this.props.isPart === true) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#again, againAfterMs);
    }
  }

  override componentWillUnmount() {
    clearTimeout(this.#timer);
  }

  readonly #again = () => this.setState({ error: null });

  override render() {
    const { error } = this.state;
    if (error === null) {
      return this.props.children;
    }
    // What a report about it can quote.
    const quoted = <code className={styles.quoted}>{String(error)}</code>;
    return this.props.isPart === true ? (
      <div className={styles.part}>
        <p>{texts.app.partCrashed}</p>
        {quoted}
        <Button onClick={this.#again}>{texts.errors.retry}</Button>
      </div>
    ) : (
      <Notice action={<Button onClick={() => location.reload()}>{texts.app.reload}</Button>}>
        {texts.app.crashed} {texts.app.crashedMore} {quoted}
      </Notice>
    );
  }
}
