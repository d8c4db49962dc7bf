// Progress that can be cancelled, as a notification with a button. The language client would show it in the
// status bar, where it has none.

import * as vscode from "vscode";
import { WorkDoneProgressCancelNotification, type Middleware, type ProgressToken } from "vscode-languageclient/node";
import type { Server } from "./server";

interface Running {
  readonly tell: (message: string | undefined, percentage: number | undefined) => void;
  readonly end: () => void;
}

/** Takes over the progress that is cancellable; `server` is asked for only when something is cancelled. */
export function cancellable(server: () => Server): Middleware {
  const running = new Map<ProgressToken, Running>();
  return {
    handleWorkDoneProgress: (token, params, next) => {
      if (params.kind === "begin" && params.cancellable) {
        running.set(token, show(params.title, () => cancel(server(), token)));
      }
      const shown = running.get(token);
      if (!shown) {
        next(token, params);
      } else if (params.kind === "end") {
        running.delete(token);
        shown.end();
        // The language client forgets the token.
        next(token, params);
      } else {
        shown.tell(params.message, params.percentage);
      }
    },
  };
}

function show(title: string, cancelled: () => void): Running {
  let running: Running | undefined;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  void vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(cancelled);
    let done = 0;
    return new Promise<void>((resolve) => {
      const tell: Running["tell"] = (message, percentage = done) => {
        progress.report({ message, increment: Math.max(0, percentage - done) });
        done = Math.max(done, percentage);
      };
      running = { tell, end: resolve };
    });
  });
  return {
    tell: (message, percentage) => running?.tell(message, percentage),
    end: () => running?.end(),
  };
}

function cancel(server: Server, token: ProgressToken): void {
  void server.client?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
}
