-- Starts Fathom with its defaults, so that installing the plugin is enough.
-- A call of require("fathom").setup() wins; vim.g.fathom_disable stops it.

if vim.g.loaded_fathom then
  return
end
vim.g.loaded_fathom = true

if vim.g.fathom_disable then
  return
end

local function start()
  require("fathom").setup_once()
end

-- Wait until the user's own files, or the plugin manager's, have had their turn to call setup().
if vim.v.vim_did_enter == 1 then
  vim.schedule(start)
else
  vim.api.nvim_create_autocmd("VimEnter", { once = true, callback = start })
end
