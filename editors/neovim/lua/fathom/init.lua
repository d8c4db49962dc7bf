-- Fathom for Neovim: ghost text from a model on your own machine.
-- This file is the public interface; everything else is required when it is first needed.

local M = {}

local ready = false

---Start Fathom, or change its options. Everything has a default; see |fathom-options|.
---@param opts? fathom.Options
function M.setup(opts)
  if not require("fathom.config").set(opts) then
    return
  end
  ready = true
  require("fathom.status").watch()
  require("fathom.command").create()
  require("fathom.attach").start()
  require("fathom.client").start()
end

---Start Fathom with its defaults unless setup() has been called.
function M.setup_once()
  if not ready and not vim.g.fathom_disable then
    M.setup()
  end
end

---What Fathom is doing, or why it shows nothing: one short line for a statusline.
---@return string text Empty where Fathom is not attached to the current buffer.
function M.status()
  return require("fathom.status").line()
end

---Insert the shown text or its beginning.
---@param part? fathom.Part Default: "whole".
---@return boolean accepted False when no ghost text is shown.
function M.accept(part)
  return require("fathom.accept").accept(part or "whole")
end

---@return boolean visible Ghost text stands after the cursor.
function M.visible()
  return require("fathom.accept").visible()
end

---Ask for ghost text now, also where it is off while typing.
function M.complete()
  require("fathom.request").invoke()
end

---Take the ghost text away until the next key.
function M.dismiss()
  require("fathom.accept").dismiss()
end

---Switch ghost text on or off in all buffers; the server keeps running.
---@param on? boolean Default: true.
function M.enable(on)
  require("fathom.attach").enable(on ~= false)
end

return M
