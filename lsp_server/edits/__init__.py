"""Changes of files: found in a text, checked, shown as a diff, written, and taken back.

The way of a change, with the file that does each step:

1. `match.match(text, old, new)` finds where a model's old text stands and gives edits, or a `Refusal` whose
   message is for the model; `patch.parse` and `patch.edits_of` do the same for a unified diff, and
   `diff.edits_between` for a text that was rewritten as a whole.
2. `types.file_edit(...)` binds edits to the text that they were made for; several make an `EditSet`.
3. `rebase.rebase(file_edit, changes, text)` carries it over what the user typed elsewhere meanwhile.
4. `check.check(edit_set, texts, roots, instruction)` gives every reason against it, before anything is
   shown. `diff.unified` shows it.
5. `apply.apply_all(edit_set, texts)` gives the new texts. An editor is sent the edits and applies them
   itself; `save.save` writes files, all of them or none.
6. `journal.record` remembers before and after; `undo.undo_of` says what taking it back would make of the
   texts as they are now.

Nothing raises for bad input: what cannot be done gives a `Refusal`, which has a code for programs and a
sentence for people and models. Only `check`, `write`, `journal` and `save` look at the disk; those that write
raise OSError. `save.save` finishes first what a program that was killed has left half done.
"""
