"""A real Emacs for tests, with eglot or lsp-mode as the distribution packages them; run without a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest

from .nvim import missing

Client = Literal["eglot", "lsp-mode"]

CLIENTS = [
    pytest.param("eglot", marks=pytest.mark.editor("Emacs eglot")),
    pytest.param("lsp-mode", marks=pytest.mark.editor("Emacs lsp-mode")),
]

DEADLINE = 90
"""Seconds that one run may take."""

COMMON = """
(setq make-backup-files nil auto-save-default nil create-lockfiles nil load-prefer-newer t)
(require 'package) (package-initialize)
(require 'cl-lib) (require 'json)
(defvar fathom-said nil "What was shown to the user.")
(advice-add 'message :before
  (lambda (form &rest arguments) (when form (push (apply #'format form arguments) fathom-said))))
(defun fathom-until (what holds)
  (let ((end (+ (float-time) 20)))
    (while (not (funcall holds))
      (when (> (float-time) end)
        (princ (format "waited in vain for %s; buffer: %S; said: %S" what (buffer-string) fathom-said))
        (kill-emacs 1))
      (accept-process-output nil 0.02))))
(defun fathom-until-text (text) (fathom-until text (lambda () (equal (buffer-string) text))))
(defun fathom-until-said (part)
  (fathom-until part
    (lambda () (cl-some (lambda (said) (string-match-p (regexp-quote part) said)) fathom-said))))
(defun fathom-select (first last)
  "Select whole lines, from FIRST to before LAST."
  (goto-char (point-min)) (forward-line (1- last)) (push-mark (point) t t)
  (goto-char (point-min)) (forward-line (1- first))
  (setq transient-mark-mode t mark-active t))
(defun fathom-undo ()
  "Undo one step, as the user does."
  (setq mark-active nil) (undo-boundary) (setq last-command nil) (undo))
(defun fathom-answer (value) (princ (concat "\\n" (json-encode value) "\\n")))
(setq-default indent-tabs-mode nil)
"""

EGLOT = """
(require 'eglot)
(setq eglot-sync-connect 30 eglot-confirm-server-initiated-edits nil eglot-send-changes-idle-time 0
      eglot-server-programs (list (cons 'python-mode fathom-command)))
(defun fathom-connect ()
  (apply #'eglot--connect (eglot--guess-contact))
  (unless (eglot-managed-p) (eglot--maybe-activate-editing-mode))
  (fathom-until "eglot" #'eglot-managed-p))
(defun fathom-actions () (eglot-code-actions (region-beginning) (region-end)))
(defun fathom-title (action) (plist-get action :title))
(defun fathom-execute (action)
  (let ((command (plist-get action :command)))
    (eglot-execute-command (eglot--current-server-or-lose)
                           (intern (plist-get command :command)) (plist-get command :arguments))))
(defun fathom-command (name) (eglot-execute-command (eglot--current-server-or-lose) (intern name) []))
(defun fathom-typed () (eglot--signal-textDocument/didChange))
(defun fathom-offer-completions ())
(defun fathom-until-cancelled () (fathom-until-said "Fathom: Simplify: It was cancelled."))
(defun fathom-until-begun ())
"""

LSP_MODE = """
(setq lsp-session-file (expand-file-name "lsp-session" fathom-home) lsp-auto-guess-root t
      lsp-server-install-dir fathom-home lsp-enable-snippet nil lsp-auto-configure nil
      lsp-client-packages nil lsp-keep-workspace-alive nil lsp-restart 'ignore lsp-idle-delay 0.1)
(require 'lsp-mode)
(lsp-register-client (make-lsp-client :new-connection (lsp-stdio-connection fathom-command)
                                      :major-modes '(python-mode) :server-id 'fathom))
(defun fathom-connect ()
  (lsp-workspace-folders-add (directory-file-name default-directory))
  (lsp)
  (fathom-until "lsp-mode"
    (lambda () (and (lsp-workspaces) (eq 'initialized (lsp--workspace-status (car (lsp-workspaces))))))))
(defun fathom-actions () (append (lsp-code-actions-at-point) nil))
(defun fathom-title (action) (lsp-get action :title))
(defun fathom-execute (action) (lsp-execute-code-action action))
(defun fathom-command (name) (lsp-request "workspace/executeCommand" (list :command name :arguments [])))
(defun fathom-typed ())
(defun fathom-offer-completions ()
  "Do what lsp-mode does by itself where `lsp-auto-configure' is not nil."
  (require 'lsp-completion) (lsp-completion-mode 1))
(defun fathom-tokens () (hash-table-count (lsp--workspace-work-done-tokens (car (lsp-workspaces)))))
(defun fathom-until-begun () (fathom-until "progress" (lambda () (> (fathom-tokens) 0))))
(defun fathom-until-cancelled () (fathom-until "the end" (lambda () (= (fathom-tokens) 0))))
"""

PROGRAMS: dict[Client, str] = {"eglot": EGLOT, "lsp-mode": LSP_MODE}

ACTIONS = """
(defun fathom-run (title)
  (let ((action (cl-find title (fathom-actions) :key #'fathom-title :test #'equal)))
    (unless action (princ (format "there is no %s in %S" title (fathom-actions))) (kill-emacs 1))
    (fathom-execute action)))
(find-file fathom-file)
(python-mode)
(fathom-connect)
"""


def program(client: Client) -> str:
    """Return the Emacs that has this client, or skip."""
    emacs = shutil.which("emacs")
    if emacs is None or not _has(emacs, client):
        missing(f"NOT TESTED WITH EMACS: no Emacs with {client}: run `make editors`")
    return str(emacs)


def run(client: Client, home: Path, file: Path, server: list[str], steps: str) -> Any:
    """Run steps in a file with the server attached, and return what they give to `fathom-answer`."""
    home.mkdir(exist_ok=True)
    names = f"""
(setq fathom-command '{_lisp(server)} fathom-home {_lisp(str(home) + "/")} fathom-file {_lisp(str(file))})
"""
    script = home / "steps.el"
    end = "\n(set-buffer-modified-p nil)\n(kill-emacs 0)\n"
    script.write_text(names + COMMON + PROGRAMS[client] + ACTIONS + steps + end, encoding="utf-8")
    command = [program(client), "--batch", "-q", "-l", str(script)]
    environment = {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    return json.loads(done.stdout.strip().splitlines()[-1])


def _has(emacs: str, client: Client) -> bool:
    found = f'(progn (package-initialize) (kill-emacs (if (locate-library "{client}") 0 1)))'
    command = [emacs, "--batch", "-q", "--eval", found]
    return subprocess.run(command, capture_output=True, timeout=DEADLINE, check=False).returncode == 0


def _lisp(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"({' '.join(map(_lisp, value))})"
    return json.dumps(value, ensure_ascii=False)
