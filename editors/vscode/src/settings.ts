// The settings under `fathom`: which of them are the server's, and how they are changed.

import * as vscode from "vscode";

/** Those that mean something to this extension alone; the server does not know them. */
const OURS = new Set(["path", "package", "trigger", "preview", "trace"]);

/** The server's part of the settings, as it wants it. Of an untrusted folder nothing is taken. */
export function forServer(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration("fathom");
  const names = Object.keys(all).filter((name) => !OURS.has(name) && typeof all[name] !== "function");
  return Object.fromEntries(names.map((name) => [name, all.get(name)]));
}

export function own(name: "path" | "package" | "trigger" | "preview"): string {
  return vscode.workspace.getConfiguration("fathom").get<string>(name, "");
}

export function isEnabled(): boolean {
  return vscode.workspace.getConfiguration("fathom").get("enabled", true);
}

export function disabledLanguages(): readonly string[] {
  return vscode.workspace.getConfiguration("fathom").get<string[]>("disabled_languages", []);
}

export async function toggle(): Promise<void> {
  await change("enabled", !isEnabled());
}

export async function toggleLanguage(language: string): Promise<void> {
  const off = disabledLanguages();
  await change("disabled_languages", off.includes(language) ? off.filter((id) => id !== language) : [...off, language]);
}

async function change(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration("fathom").update(name, value, vscode.ConfigurationTarget.Global);
}
