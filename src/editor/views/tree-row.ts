/** A row of a view, as plain data: what it shows is decided, and tested, without an editor. */
import type * as vscode from 'vscode';
import type { Place } from '../source-location.ts';

/** A codicon, and the theme's colour that it has. */
export interface Icon {
  readonly name: string;
  readonly color?: string;
}

/** Drawn anew only when its text is another. */
export interface Row {
  readonly id: string;
  readonly label: string;
  /** Begins with a word that says what the icon shows: it is what a screen reader says after the label. */
  readonly description: string;
  readonly tooltip: string;
  readonly icon: Icon;
  readonly context: string;
  readonly command?: vscode.Command;
  readonly rows?: readonly Row[];
  /** Its rows are seen from the start. */
  readonly open?: true;
  /** Given to the commands of the row. */
  readonly pipeline?: string;
  /** Of a pipeline that a folder defines. */
  readonly folder?: string;
  readonly place?: Place;
  /** Id of the check that the row is of. */
  readonly check?: string;
  /** Which of the check's evidence or remediation, from 0. */
  readonly part?: number;
}
