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
}

local parts = { "whole", "line", "word" }

---@param name string
---@param argument? string
---@return string? problem
local function run(name, argument)
  local command = commands[name]
  if not command then
    return ("there is no :Fathom %s; known: %s"):format(name, table.concat(M.names(), ", "))
  end
  if argument and (name ~= "accept" or not vim.list_contains(parts, argument)) then
    return (":Fathom %s does not know '%s'"):format(name, argument)
  end
  command(argument)
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
    local problem = run(call.fargs[1] or "status", call.fargs[2])
    if problem then
      vim.notify("Fathom: " .. problem, vim.log.levels.ERROR)
    end
  end, { nargs = "*", complete = complete, desc = "Fathom: status, restart, log, enable, disable, accept, …", force = true })
end

return M
