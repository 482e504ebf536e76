/** @file A view that fails says so, and the rest of the page goes on. */

import { Component, type ComponentChildren } from "preact";
import { DataError } from "../data/source.ts";
import { Problem } from "../parts/states.tsx";

interface Props {
  /** Another place is another attempt. */
  readonly place: string;
  readonly children: ComponentChildren;
}

interface State {
  readonly error: Error | undefined;
  readonly place: string;
}

/** Shows what its children throw. */
export class Catch extends Component<Props, State> {
  override state: State = { error: undefined, place: this.props.place };

  static override getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.place === state.place ? null : { error: undefined, place: props.place };
  }

  override componentDidCatch(error: unknown): void {
    this.setState({ error: error instanceof Error ? error : new Error(String(error)) });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const failed = new DataError("page/failed", `This view failed: ${error.message}`);
    return <Problem error={failed} retry={() => this.setState({ error: undefined })} />;
  }
}
