// The menu behind the status bar.

import * as vscode from "vscode";
import type { Server } from "./server";
import { disabledLanguages, isEnabled } from "./settings";
import type { Snooze } from "./suggest";
import { inWords } from "./words";

type Entry = vscode.QuickPickItem & { readonly command?: string };

export async function showMenu(server: Server, snooze: Snooze, isEditing: boolean): Promise<void> {
  const chosen = await vscode.window.showQuickPick(entries(server, snooze, isEditing), {
    title: "Fathom",
    placeHolder: server.status.message || server.status.model || "Ready",
    matchOnDescription: true,
  });
  if (chosen?.command) {
    await vscode.commands.executeCommand(chosen.command);
  }
}

function entries(server: Server, snooze: Snooze, isEditing: boolean): Entry[] {
  const status = server.status;
  const language = vscode.window.activeTextEditor?.document.languageId;
  const isOff = language !== undefined && disabledLanguages().includes(language);
  const offered: (Entry | false | undefined)[] = [
    { label: inWords(status).text, description: status.message, detail: status.index?.message },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    status.state === "missing" && { label: "$(cloud-download) Install the server…", command: "fathom.installServer" },
    isEditing && { label: "$(diff) Show the change that is being made", command: "fathom.showPreview" },
    { label: "$(chip) Choose a model…", description: status.model, command: "fathom.selectModel" },
    language !== undefined && {
      label: isOff ? `$(check) Suggest in ${language} again` : `$(circle-slash) No suggestions in ${language}`,
      command: "fathom.toggleLanguage",
    },
    { label: isEnabled() ? "$(circle-slash) No suggestions at all" : "$(check) Suggest again", command: "fathom.toggle" },
    { label: snooze.isOn() ? "$(bell) Snooze, or wake up…" : "$(bell-slash) Snooze…", command: "fathom.snooze" },
    { label: "$(list-tree) What was sent", command: "fathom.refreshContext" },
    { label: "$(discard) Take back the last change", command: "fathom.undoChange" },
    { label: "$(pulse) Doctor", description: "what is there, what is missing", command: "fathom.doctor" },
    { label: "$(output) Log", command: "fathom.showLog" },
    { label: "$(debug-restart) Restart the server", command: "fathom.restartServer" },
    { label: "$(settings-gear) Settings", command: "fathom.openSettings" },
  ];
  return offered.filter((each): each is Entry => Boolean(each));
}
