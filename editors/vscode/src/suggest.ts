// When suggestions are asked for: snoozing, and asking by hand only. What they say is the server's business.

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import { own } from "./settings";

const CHOICES: readonly (readonly [string, number])[] = [
  ["5 minutes", 5],
  ["15 minutes", 15],
  ["1 hour", 60],
  ["8 hours", 480],
];

export class Snooze implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onChange = this.emitter.event;
  private timer: NodeJS.Timeout | undefined;
  /** A time as of `Date.now`; 0 for no snooze. */
  until = 0;

  isOn(): boolean {
    return this.until > Date.now();
  }

  set(minutes: number): void {
    clearTimeout(this.timer);
    this.until = minutes ? Date.now() + minutes * 60000 : 0;
    this.timer = minutes ? setTimeout(() => this.set(0), minutes * 60000) : undefined;
    this.emitter.fire();
  }

  async ask(): Promise<void> {
    const wake = { label: "Wake up now", minutes: 0 };
    const items = CHOICES.map(([label, minutes]) => ({ label, minutes }));
    const chosen = await vscode.window.showQuickPick(this.isOn() ? [wake, ...items] : items, {
      title: "Fathom: no suggestions for",
    });
    if (chosen) {
      this.set(chosen.minutes);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.emitter.dispose();
  }
}

export function suggestions(snooze: Snooze): Middleware {
  return {
    provideInlineCompletionItems: (document, position, context, token, next) => {
      const isAsked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
      if (!isAsked && (snooze.isOn() || own("trigger") === "manual")) {
        return null;
      }
      return next(document, position, context, token);
    },
  };
}
