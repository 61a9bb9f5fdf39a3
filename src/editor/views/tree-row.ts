/** A row of a tree view as plain data, so that its contents can be tested without VS Code. */
import type * as vscode from 'vscode';
import type { SourceLocation } from '../source-location.ts';

export interface TreeIcon {
  /** Name of a codicon. */
  readonly name: string;
  /** Id of a theme color. */
  readonly color?: string;
}

export interface TreeRow {
  readonly id: string;
  readonly label: string;
  /** Starts with the meaning of the icon, because screen readers read it after the label. */
  readonly description: string;
  readonly tooltip: string;
  readonly icon: TreeIcon;
  /** Context value, for `when` clauses of menus. */
  readonly context: string;
  readonly command?: vscode.Command;
  readonly rows?: readonly TreeRow[];
  /** True if the row is initially expanded. */
  readonly open?: true;
  /** Id of the row's pipeline. This and the following properties are read by the commands of the row. */
  readonly pipeline?: string;
  /** Workspace folder that defines the pipeline. */
  readonly folder?: string;
  readonly location?: SourceLocation;
  /** Id of the row's check. */
  readonly check?: string;
  /** Index into the check's evidence or remediation, from 0. */
  readonly part?: number;
}
