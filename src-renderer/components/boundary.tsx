import { Component, type ReactNode } from 'react';
import { toAppError, type AppError } from '../../src-main/shared/result';
import { ErrorPanel } from './error-panel';
import { Page } from './page';

/** A fault of one page does not take the window with it. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly error: AppError | null }> {
  override readonly state: { readonly error: AppError | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown): { readonly error: AppError } {
    return { error: toAppError(thrown) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Page title="This page could not be shown">
        <ErrorPanel error={error} onRetry={() => this.setState({ error: null })} />
      </Page>
    );
  }
}
