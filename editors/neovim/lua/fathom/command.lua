-- The command :Fathom and its completion.

local M = {}

local commands = {
  status = function()
    vim.notify(table.concat(require("fathom.status").report(), "\n"))
  end,
  restart = function()
    require("fathom.client").restart()
  end,
  log = function()
    vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
    vim.cmd.normal({ "G", bang = true })
  end,
  health = function()
    vim.cmd.checkhealth("fathom")
  end,
  enable = function()
    require("fathom").enable(true)
  end,
  disable = function()
    require("fathom").enable(false)
  end,
  toggle = function()
    require("fathom").enable(not require("fathom.attach").enabled())
  end,
  complete = function()
    require("fathom").complete()
  end,
  dismiss = function()
    require("fathom").dismiss()
  end,
  accept = function(part)
    require("fathom").accept(part)
  end,
  edit = function(instruction, span)
    require("fathom.edit").edit(instruction or "", span)
  end,
  cancel = function()
    require("fathom.edit").run("fathom.cancel")
  end,
  undo = function()
    require("fathom.edit").run("fathom.undo")
  end,
}

local parts = { "whole", "line", "word" }

---@param name string
---@param argument? string
---@param span? integer[] The first and the last line that the command was given.
---@return string? problem
local function run(name, argument, span)
  local command = commands[name]
  if not command then
    return ("there is no :Fathom %s; known: %s"):format(name, table.concat(M.names(), ", "))
  end
  local known = not argument or name == "edit" or name == "accept" and vim.list_contains(parts, argument)
  if not known then
    return (":Fathom %s does not know '%s'"):format(name, argument)
  end
  command(argument, span)
end

---@return string[] names
function M.names()
  local names = vim.tbl_keys(commands)
  table.sort(names)
  return names
end

---@param lead string The word under the cursor.
---@param line string
---@return string[] candidates
local function complete(lead, line)
  local candidates = line:match("^%s*%S+%s+accept%s") and parts or M.names()
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

function M.create()
  vim.api.nvim_create_user_command("Fathom", function(call)
    local argument = #call.fargs > 1 and table.concat(call.fargs, " ", 2) or nil
    local span = call.range > 0 and { call.line1, call.line2 } or nil
    local problem = run(call.fargs[1] or "status", argument, span)
    if problem then
      vim.notify("Fathom: " .. problem, vim.log.levels.ERROR)
    end
  end, {
    nargs = "*",
    range = true,
    complete = complete,
    desc = "Fathom: status, restart, log, enable, disable, accept, edit, undo, …",
    force = true,
  })
end

return M
