-- Keys of insert mode, in attached buffers only. A key does what it did before when no ghost text is shown.

local M = {}

---@type table<integer, table<string, table>> By buffer and key: the buffer's own mapping that ours replaced.
local replaced = {}

---@param mappings vim.api.keyset.get_keymap[]
---@param key string
---@return vim.api.keyset.get_keymap?
local function find(mappings, key)
  local raw = vim.keycode(key)
  for _, mapping in ipairs(mappings) do
    if mapping.lhsraw == raw or mapping.lhsrawalt == raw then
      return mapping
    end
  end
end

---@param mapping vim.api.keyset.get_keymap
---@return string keys What an <expr> mapping wants to be typed.
local function evaluate(mapping)
  local keys = mapping.callback and mapping.callback() or mapping.rhs and vim.api.nvim_eval(mapping.rhs) or ""
  if type(keys) ~= "string" then
    return ""
  end
  return mapping.replace_keycodes == 1 and vim.keycode(keys) or keys
end

---@param mapping vim.api.keyset.get_keymap
---@param key string
local function run(mapping, key)
  if mapping.callback and mapping.expr ~= 1 then
    return mapping.callback()
  end
  local keys = mapping.expr == 1 and evaluate(mapping) or vim.keycode(mapping.rhs or "")
  local literal = mapping.noremap == 1 or vim.startswith(keys, vim.keycode(key))
  vim.api.nvim_feedkeys(keys, literal and "ni" or "mi", false)
end

---Do what `key` did before. Global mappings are looked up now, so that later ones count.
---@param bufnr integer
---@param key string
local function fall_through(bufnr, key)
  local mapping = replaced[bufnr] and replaced[bufnr][key] or find(vim.api.nvim_get_keymap("i"), key)
  if mapping then
    return run(mapping, key)
  end
  vim.api.nvim_feedkeys(vim.keycode(key), "ni", false)
end

local actions = {
  whole = function()
    return require("fathom.accept").accept("whole")
  end,
  line = function()
    return require("fathom.accept").accept("line")
  end,
  word = function()
    return require("fathom.accept").accept("word")
  end,
  dismiss = function()
    local visible = require("fathom.accept").visible()
    require("fathom.accept").dismiss()
    return visible
  end,
  complete = function()
    require("fathom.request").invoke()
    return true
  end,
}

---@param visit fun(name: string, key: string)
local function each_key(visit)
  for name, keys in pairs(require("fathom.config").options.keys or {}) do
    for _, key in ipairs(type(keys) == "table" and keys or { keys or nil }) do
      if actions[name] then
        visit(name, key)
      end
    end
  end
end

---@param bufnr integer
function M.map(bufnr)
  if replaced[bufnr] then
    return
  end
  replaced[bufnr] = {}
  local before = vim.api.nvim_buf_get_keymap(bufnr, "i")
  each_key(function(name, key)
    replaced[bufnr][key] = find(before, key)
    -- By <Cmd>, not <expr>: the buffer may change, and keys typed after this one stay behind it.
    vim.keymap.set("i", key, function()
      if not actions[name]() then
        fall_through(bufnr, key)
      end
    end, { buffer = bufnr, desc = "Fathom: " .. name })
  end)
end

---@param bufnr integer
function M.unmap(bufnr)
  local before = replaced[bufnr]
  replaced[bufnr] = nil
  if not before or not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  each_key(function(_, key)
    pcall(vim.keymap.del, "i", key, { buffer = bufnr })
    if before[key] then
      vim.api.nvim_buf_call(bufnr, function()
        vim.fn.mapset("i", false, before[key])
      end)
    end
  end)
end

return M
