import { Component, type ReactNode } from 'react';

import { text } from '../strings';

/** Shows what to do when a part of the page breaks, where there would be a blank page. */
export class Failures extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <main className="alone">
        <h1>{text.broken.title}</h1>
        <p>{text.broken.detail}</p>
        <p>
          <a href="./">{text.broken.reload}</a>
        </p>
      </main>
    );
  }
}
