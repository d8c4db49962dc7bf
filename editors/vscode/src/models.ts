// The picker of models: what fits this machine, fetched with progress, used without a restart.

import * as vscode from "vscode";
import { MODELS, USE_MODEL, type Model, type Models } from "./protocol";
import type { Server } from "./server";

const FITS = { yes: "", tight: "memory is tight", no: "does not fit" };

type Entry = vscode.QuickPickItem & { readonly model?: Model };

export async function selectModel(server: Server): Promise<void> {
  const known = await server.running().sendRequest<Models>(MODELS);
  const chosen = await vscode.window.showQuickPick(entries(known), {
    title: `Fathom: models for this machine (${machine(known)})`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!chosen?.model || !(await isMeant(chosen.model))) {
    return;
  }
  await use(server, chosen.model);
}

function entries(known: Models): Entry[] {
  const fitting = known.models.filter((model) => model.fits !== "no");
  const rest = known.models.filter((model) => model.fits === "no");
  const line: Entry = { label: "too large for this machine", kind: vscode.QuickPickItemKind.Separator };
  return [...fitting.map((each) => entry(each, known)), ...(rest.length ? [line] : []), ...rest.map((each) => entry(each, known))];
}

function entry(model: Model, known: Models): Entry {
  const icon = model.name === known.current ? "check" : model.here ? "circle-outline" : "cloud-download";
  const words = [
    model.name === known.current ? "in use" : model.here ? "here" : `fetches ${size(model.bytes)}`,
    model.default ? "default" : "",
    model.fits === "no" ? "" : model.speed,
    FITS[model.fits],
  ];
  return {
    label: `$(${icon}) ${model.title}`,
    description: words.filter(Boolean).join(" · "),
    detail: `${model.name}: ${model.why} Needs ${size(model.needs)} of memory. Licence: ${model.license}.`,
    model,
  };
}

async function isMeant(model: Model): Promise<boolean> {
  if (model.fits !== "no") {
    return true;
  }
  const answer = await vscode.window.showWarningMessage(`${model.title} needs ${size(model.needs)} of memory. ${model.why}`, { modal: true }, "Use it anyway");
  return answer !== undefined;
}

async function use(server: Server, model: Model): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: `Fathom: ${model.title}`, cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    let done = 0;
    const hearing = server.onStatus((status) => {
      const percent = status.percent ?? done;
      progress.report({ message: status.message, increment: Math.max(0, percent - done) });
      done = Math.max(done, percent);
    });
    try {
      await server.running().sendRequest(USE_MODEL, { name: model.name }, token);
      void vscode.window.showInformationMessage(`Fathom uses ${model.title} now.`);
    } catch (error) {
      if (!token.isCancellationRequested) {
        void vscode.window.showErrorMessage(`Fathom: ${(error as Error).message}`);
      }
    } finally {
      hearing.dispose();
    }
  });
}

function machine(known: Models): string {
  return [...known.machine.devices, `${size(known.machine.memory)} of memory`].join(", ");
}

export function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
