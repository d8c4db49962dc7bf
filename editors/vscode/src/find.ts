// Where the program `fathom` is: in the setting, on the PATH, in the folder's own environment, or ours.

import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { own } from "./settings";

const WINDOWS = process.platform === "win32";
const NAME = WINDOWS ? "fathom.exe" : "fathom";

export interface Found {
  readonly program: string;
  /** For the log: why this one. */
  readonly from: string;
}

/** The program, or undefined. A path in the setting is taken as it is, and is missing if it is wrong. */
export async function find(storage: vscode.Uri): Promise<Found | undefined> {
  const named = own("path");
  if (named) {
    const program = named.replace(/^~(?=\/|\\|$)/, os.homedir());
    return (await isProgram(program)) ? { program, from: "the setting fathom.path" } : undefined;
  }
  const onPath = await which(NAME);
  if (onPath) {
    return { program: onPath, from: "the PATH" };
  }
  return (await inFolders()) ?? (await installed(storage));
}

/** A program on the PATH. Relative entries are passed over: a folder that was opened must not answer. */
export async function which(name: string): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const program = path.join(folder, name);
    if (await isProgram(program)) {
      return program;
    }
  }
  return undefined;
}

export function environmentOf(storage: vscode.Uri): string {
  return path.join(storage.fsPath, "server");
}

/** The folder of a Python environment in which its programs are. */
export function programsOf(environment: string): string {
  return path.join(environment, WINDOWS ? "Scripts" : "bin");
}

async function installed(storage: vscode.Uri): Promise<Found | undefined> {
  const program = path.join(programsOf(environmentOf(storage)), NAME);
  return (await isProgram(program)) ? { program, from: "the extension's own environment" } : undefined;
}

async function inFolders(): Promise<Found | undefined> {
  // What lies in a folder is its author's program: it runs only if the user trusts them.
  const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
  for (const folder of folders.filter((each) => each.uri.scheme === "file")) {
    for (const name of [".venv", "venv"]) {
      const program = path.join(programsOf(path.join(folder.uri.fsPath, name)), NAME);
      if (await isProgram(program)) {
        return { program, from: `the environment ${name} of ${folder.name}` };
      }
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await fs.access(file, fs.constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}
