// Changes on request: the instruction that an action asks for, and the commands that begin or undo a change.

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import { EDIT_COMMAND, type EditArguments } from "./protocol";
import type { Server } from "./server";

/** Kept for the next time that the user is asked. */
let lastInstruction = "";

/** Ask for the instruction where an action has none. */
export const instructions: Middleware = {
  executeCommand: async (command, words, next) => {
    const wanted = command === EDIT_COMMAND ? (words[0] as EditArguments | undefined) : undefined;
    if (!wanted?.ask) {
      return next(command, words);
    }
    const instruction = await askInstruction();
    return instruction && next(command, [{ ...wanted, instruction, ask: false }]);
  },
};

/** Change the selection, or the line of the cursor, as the user says. */
export async function rewrite(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return;
  }
  const { document, selection } = editor;
  const client = server.running();
  const range = selection.isEmpty ? document.lineAt(selection.active).range : selection;
  const version = document.version;
  const instruction = await askInstruction();
  if (!instruction) {
    return;
  }
  const words: EditArguments = {
    action: "rewrite",
    uri: client.code2ProtocolConverter.asUri(document.uri),
    range: client.code2ProtocolConverter.asRange(range),
    version,
    instruction,
  };
  await vscode.commands.executeCommand(EDIT_COMMAND, words);
}

/** Take back what a command of the server takes back, in the document that is shown. */
export async function undo(server: Server, command: string): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const client = server.running();
  const where = document && ["file", "untitled"].includes(document.uri.scheme) ? [{ uri: client.code2ProtocolConverter.asUri(document.uri) }] : [];
  await vscode.commands.executeCommand(command, ...where);
}

async function askInstruction(): Promise<string | undefined> {
  const instruction = await vscode.window.showInputBox({
    title: "Fathom: what is to be done?",
    prompt: "For example: make this async, use a dictionary, handle empty input",
    value: lastInstruction,
  });
  lastInstruction = instruction?.trim() || lastInstruction;
  return instruction?.trim();
}
