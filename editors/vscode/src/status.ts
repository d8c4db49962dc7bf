// The item in the status bar: what Fathom does now, and why nothing came.

import * as vscode from "vscode";
import type { Status } from "./protocol";
import type { Server } from "./server";
import type { Snooze } from "./suggest";
import { inWords } from "./words";

export function showStatus(server: Server, snooze: Snooze): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("fathom.status", vscode.StatusBarAlignment.Right, 100);
  item.name = "Fathom";
  item.command = "fathom.menu";
  const draw = () => paint(item, server.status, snooze.until);
  draw();
  item.show();
  return vscode.Disposable.from(item, server.onStatus(draw), snooze.onChange(draw));
}

function paint(item: vscode.StatusBarItem, status: Status, snoozedUntil: number): void {
  const shown = inWords(status);
  const isSnoozed = snoozedUntil > Date.now() && !shown.isBad;
  item.text = isSnoozed ? `$(bell-slash) Fathom: snoozed until ${clock(snoozedUntil)}` : shown.text;
  item.backgroundColor = shown.isBad ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
  item.tooltip = sentences(status).join("\n\n");
  item.accessibilityInformation = { label: item.text.replace(/\$\([^)]*\) /, "") };
}

function sentences(status: Status): string[] {
  const model = status.model && `Model: ${status.model}`;
  const index = status.index && `Project: ${status.index.files} files, ${status.index.phase}. ${status.index.message}`;
  return [status.message, model, index, "Click for the menu."].filter((each): each is string => Boolean(each));
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
