"""Programming languages as data, a row each. `context/languages.py` reads it; `language_formats.py` goes on.

Names are those of the list of 358 languages in the README of Qwen3-Coder, where a language is in that list;
ids are those that editors use, Visual Studio Code first. Extensions and names of files come from what the
makers of a language and their editors use. An extension that several languages share stands with the one in
which most people meet it, and nowhere else.

Columns are parted by two blanks or more, and "-" is an empty one: id; name; comments (marks that end with
their line, then pairs as "open…close"); blocks; extensions; names of files; other ids, which include the
interpreters in a first line and the modes of Emacs. A line that begins with a blank goes on with a row.
"""

from __future__ import annotations

ROWS = """
abap  ABAP  * "  words  abap  -  -
abl  OpenEdge ABL  // /*…*/  words  abl  -  openedge
abnf  ABNF  ;  lines  abnf  -  -
actionscript  ActionScript  // /*…*/  braces  as  -  actionscript-3
ada  Ada  --  words  adb ads ada gpr  -  ada2005
agda  Agda  -- {-…-}  indent  agda  -  -
alloy  Alloy  // -- /*…*/  braces  als  -  -
apex  Apex  // /*…*/  braces  apex trigger  -  -
applescript  AppleScript  -- # (*…*)  words  applescript scpt  -  osascript
arc  Arc  ;  parens  arc  -  -
arduino  Arduino  // /*…*/  braces  ino pde  -  -
aspectj  AspectJ  // /*…*/  braces  aj  -  -
asm  Assembly  ; # // /*…*/  lines  asm a51 nasm x86 masm  -  assembly nasm masm asm-collection
astro  Astro  // /*…*/ <!--…-->  braces  astro  -  -
augeas  Augeas  (*…*)  words  aug  -  -
autohotkey  AutoHotkey  ; /*…*/  braces  ahk ahkl  -  ahk
autoit  AutoIt  ; #cs…#ce  words  au3  -  -
awk  Awk  #  braces  awk gawk mawk nawk auk  -  gawk mawk nawk
ballerina  Ballerina  //  braces  bal  -  -
bat  Batchfile  rem ::  lines  bat cmd  -  batch dosbatch
befunge  Befunge  -  lines  befunge bf98  -  -
bison  Bison  // /*…*/  braces  bison  -  -
bitbake  BitBake  #  braces  bb bbappend bbclass  -  -
blitzbasic  BlitzBasic  ;  words  bb2 decls  -  -
blitzmax  BlitzMax  ' rem…endrem  words  bmx  -  -
bluespec  Bluespec  // /*…*/  words  bsv  -  -
boo  Boo  # // /*…*/  indent  boo  -  -
brainfuck  Brainfuck  -  lines  bf b  -  -
brightscript  Brightscript  ' rem  words  brs  -  -
bro  Bro  #  braces  bro zeek  -  zeek
c  C  // /*…*/  braces  c h idc cats w  -  -
c2hs  C2hs Haskell  -- {-…-}  indent  chs  -  -
cabal  Cabal  --  indent  cabal  cabal.project cabal.config  cabalconfig
cairo  Cairo  //  braces  cairo  -  -
ceylon  Ceylon  // /*…*/  braces  ceylon  -  -
chapel  Chapel  // /*…*/  braces  chpl  -  -
chuck  ChucK  // /*…*/  braces  ck  -  -
cirru  Cirru  -  indent  cirru  -  -
clarion  Clarion  !  words  clw  -  -
clean  Clean  // /*…*/  indent  icl dcl  -  -
click  Click  // /*…*/  braces  click  -  -
clips  CLIPS  ;  parens  clp  -  -
clojure  Clojure  ;  parens  clj cljs cljc cljx boot cl2  riemann.config  bb clojurescript
cmake  CMake  # #[[…]]  words  cmake cmake.in  CMakeLists.txt  -
cobol  COBOL  *> *  words  cob cbl cobol cpy ccp  -  -
coffeescript  CoffeeScript  # ###…###  indent  coffee cake cjsx iced  Cakefile  coffee
cfc  ColdFusion CFC  // <!---…---> /*…*/  braces  cfc  -  -
commonlisp  Common Lisp  ; #|…|#  parens  lisp asd lsp cl ny sexp  -  lisp sbcl clisp common-lisp
componentpascal  Component Pascal  (*…*)  words  cp cps  -  -
coq  Coq  (*…*)  words  coq  -  rocq
cpp  C++  // /*…*/  braces  cpp cc cxx c++ hpp hh hxx h++ ipp ixx inl tcc tpp txx cppm ccm mxx  -  c++
crystal  Crystal  #  words  cr ecr  -  -
csharp  C#  // /*…*/  braces  cs csx  -  cs c#
csound  Csound  ; // /*…*/  words  orc udo csd  -  -
cuda-cpp  Cuda  // /*…*/  braces  cu cuh  -  cuda
cycript  Cycript  // /*…*/  braces  cy  -  -
cypher  Cypher  // /*…*/  lines  cypher cyp cql  -  -
cython  Cython  #  indent  pyx pxd pxi  -  pyrex
d  D  // /*…*/ /+…+/  braces  d di  -  rdmd dlang
dart  Dart  // /*…*/  braces  dart  -  -
dcl  DIGITAL Command Language  !  words  com  -  -
dm  DM  // /*…*/  indent  dm dmf  -  -
dogescript  Dogescript  shh quiet…loud  words  djs  -  -
dylan  Dylan  // /*…*/  words  dylan dyl intr lid  -  -
e  E  #  braces  e  -  rune
ebuild  Gentoo Ebuild  #  braces  ebuild  -  -
eclass  Gentoo Eclass  #  braces  eclass  -  -
ec  eC  // /*…*/  braces  ec eh  -  -
ecere  Ecere Projects  // /*…*/  braces  epj  -  -
ecl  ECL  // /*…*/  words  ecl eclxml  -  -
eiffel  Eiffel  --  words  eiffel  -  -
elixir  Elixir  #  words  ex exs  -  -
elm  Elm  -- {-…-}  indent  elm  -  -
elisp  Emacs Lisp  ;  parens  el emacs emacs.desktop  .emacs .spacemacs _emacs Cask  emacs-lisp emacs
 lisp-interaction
emberscript  EmberScript  #  indent  em emberscript  -  -
erlang  Erlang  %  words  erl hrl escript xrl yrl app.src  rebar.config Emakefile  escript
factor  Factor  ! #  words  factor  .factor-rc .factor-boot-rc  -
fancy  Fancy  #  braces  fy fancypack  Fakefile  -
fantom  Fantom  // /*…*/  braces  fan  -  -
fennel  Fennel  ;  parens  fnl  -  -
fish  fish  #  words  fish  -  -
flux  FLUX  //  braces  flux  -  -
forth  Forth  \\ (…)  words  fth 4th forth frt fr  -  gforth
fortran  FORTRAN  ! c  words  f f77 f90 f95 f03 f08 f18 for fpp ftn  -  fortran-modern fortran_fixed-form
fsharp  F#  // (*…*)  indent  fs fsi fsx fsscript  -  f#
gams  GAMS  *  words  gms  -  -
gap  GAP  #  words  gap gd gi tst  -  -
gas  GAS  # ; // /*…*/  lines  s  -  gnuas
gdscript  GDScript  #  indent  gdscript  -  -
gleam  Gleam  //  braces  gleam  -  -
glsl  GLSL  // /*…*/  braces  glsl vert frag geom comp tesc tese vsh fsh glslv vshader fshader rgen rchit
 rmiss  -  -
glyph  Glyph  #  lines  glf  -  -
gnuplot  Gnuplot  #  lines  gp gnu gnuplot plot plt  -  -
go  Go  // /*…*/  braces  go  -  golang
go.mod  Go Module  //  braces  mod  go.mod  gomod
go.work  Go Workspace  //  braces  -  go.work  gowork
golo  Golo  #  braces  golo  -  -
gosu  Gosu  // /*…*/  braces  gs gst gsx  -  -
grace  Grace  //  braces  grace  -  -
gradle  Gradle  // /*…*/  braces  gradle  -  -
grammaticalframework  Grammatical Framework  -- {-…-}  braces  gf  -  gf
groovy  Groovy  // /*…*/  braces  groovy gvy gy gsh grt gtpl  Jenkinsfile  jenkinsfile
hack  Hack  // # /*…*/  braces  hack hhi hck  -  hhvm
harbour  Harbour  // /*…*/  words  hb hbx  -  -
haskell  Haskell  -- {-…-}  indent  hs hsc hs-boot hsig  -  runhaskell runghc stack
haxe  Haxe  // /*…*/  braces  hx hxsl  -  -
hlsl  HLSL  // /*…*/  braces  hlsl hlsli fx fxh usf ush cginc  -  -
hy  Hy  ;  parens  hy  -  -
idl  IDL  // ; /*…*/  words  idl dlm  -  -
idris  Idris  -- {-…-}  indent  idr lidr  -  idris2
igor  IGOR Pro  //  words  ipf  -  -
imba  Imba  # ###…###  indent  imba  -  -
iss  Inno Setup  ; //  words  iss isl  -  innosetup
io  Io  // # /*…*/  parens  io  -  -
ioke  Ioke  ;  parens  ik  -  -
isabelle  Isabelle  (*…*)  words  thy  ROOT  -
j  J  NB.  lines  ijs ijt  -  -
janet  Janet  #  parens  janet jdn  -  -
jasmin  Jasmin  ;  words  j  -  -
java  Java  // /*…*/  braces  java jav jsh  -  -
javascript  JavaScript  // /*…*/  braces  js mjs cjs es es6 jsm jsb jscad jsfl njs pac sjs ssjs
 xsjs  Jakefile  node nodejs js bun
javascriptreact  JSX  // /*…*/ {/*…*/}  braces  jsx  -  jsx javascript.jsx
jflex  JFlex  // /*…*/  braces  flex jflex  -  -
jq  jq  #  lines  jq  -  gojq
jsoniq  JSONiq  (:…:)  braces  jsoniq  -  -
julia  Julia  # #=…=#  words  jl  -  -
just  Just  #  indent  just  justfile Justfile .justfile  -
kotlin  Kotlin  // /*…*/  braces  kt kts ktm  -  -
krl  KRL  // /*…*/  braces  krl  -  -
lasso  Lasso  // /*…*/  braces  lasso las lasso8 lasso9  -  -
lean  Lean  -- /-…-/  indent  lean hlean  -  lean4
lex  Lex  // /*…*/  braces  l lex ll  -  -
lfe  LFE  ;  parens  lfe  -  -
ld  Linker Script  /*…*/  braces  ld lds x  -  linkerscript
lagda  Literate Agda  --  lines  lagda lagda.md  -  -
litcoffee  Literate CoffeeScript  #  indent  litcoffee coffee.md  -  -
lhaskell  Literate Haskell  -- {-…-}  indent  lhs  -  literate-haskell
livescript  LiveScript  # /*…*/  indent  ls  Slakefile  lsc
llvm  LLVM  ;  braces  llvm  -  -
logos  Logos  // /*…*/  braces  xm logos  -  -
logtalk  Logtalk  % /*…*/  words  lgt logtalk  -  -
lolcode  LOLCODE  BTW OBTW…TLDR  words  lol  -  -
lsl  LSL  // /*…*/  braces  lsl lslp  -  -
lua  Lua  -- --[[…]]  words  lua rockspec nse pd_lua wlua  .luacheckrc  luajit texlua
luau  Luau  -- --[[…]]  words  luau  -  -
m  M  ;  lines  mumps int  -  mumps
m4  M4  dnl #  lines  m4 mc ac  configure.ac  config
makefile  Makefile  #  lines  mk mak make mkfile  Makefile makefile GNUmakefile BSDmakefile Kbuild
 Makefile.am Makefile.in Makefile.inc  make gmake
maple  Maple  # (*…*)  words  mpl  -  -
mask  Mask  // /*…*/  braces  mask  -  -
mathematica  Mathematica  (*…*)  lines  mathematica wl wls wlt nb cdf  -  wolfram
matlab  Matlab  % %{…%}  words  matlab mlx  -  -
maxscript  MAXScript  -- /*…*/  parens  ms mcr  -  -
meson  Meson  #  words  meson  meson.build meson_options.txt meson.options  -
metal  Metal  // /*…*/  braces  metal  -  -
minid  MiniD  // /*…*/  braces  minid  -  -
mirah  Mirah  #  words  druby duby mirah  -  -
mlir  MLIR  //  braces  mlir  -  -
mms  Module Management System  ! #  lines  mms mmk  DESCRIP.MMS descrip.mms  -
modelica  Modelica  // /*…*/  words  mo  -  -
mojo  Mojo  #  indent  mojo  -  -
monkey  Monkey  ' #rem…#end  words  monkey monkey2  -  -
moonscript  MoonScript  --  indent  moon  -  moon
motoko  Motoko  // /*…*/  braces  -  -  -
move  Move  // /*…*/  braces  move  -  -
muf  MUF  (…)  words  muf  -  -
mupad  mupad  // /*…*/  words  mu  -  -
ncl  NCL  ;  words  ncl  -  -
nesc  nesC  // /*…*/  braces  nesc  -  -
netlinx  NetLinx  // (*…*)  braces  axs axi  -  -
netlogo  NetLogo  ;  words  nlogo nls  -  -
nickel  Nickel  #  braces  -  -  -
nim  Nimrod  # #[…]#  indent  nim nims nimble nimrod  -  nimrod
ninja  Ninja  #  indent  ninja  -  -
nit  Nit  #  words  nit  -  -
nix  Nix  # /*…*/  braces  nix  -  -
nsis  NSIS  ; # /*…*/  words  nsi nsh nsis  -  -
nu  Nu  ;  parens  -  Nukefile  nush
nushell  Nushell  #  braces  nu  -  -
numpy  NumPy  #  indent  numpy numpyw numsc  -  -
objective-c  Objective-C  // /*…*/  braces  m  -  objc objectivec
objective-cpp  Objective-C++  // /*…*/  braces  mm  -  objcpp objc++
objective-j  Objective-J  // /*…*/  braces  sj objj  -  -
ocaml  OCaml  (*…*)  words  ml mli mll mly eliom eliomi ml4 mlp  -  ocamlrun tuareg ocaml.interface
dune  Dune  ;  parens  -  dune dune-project dune-workspace dune.inc  -
octave  Octave  % # %{…%}  words  octave  .octaverc octaverc  -
odin  Odin  // /*…*/  braces  odin  -  -
omgrofl  Omgrofl  w00t  lines  omgrofl  -  -
ooc  ooc  // /*…*/  braces  ooc  -  -
opa  Opa  // /*…*/  braces  opa  -  -
opal  Opal  --  lines  opal  -  -
opencl  OpenCL  // /*…*/  braces  opencl clh  -  -
openscad  OpenSCAD  // /*…*/  braces  scad  -  -
ox  Ox  // /*…*/  braces  ox oxh oxo  -  -
oxygene  Oxygene  // {…} (*…*)  words  oxygene  -  -
oz  Oz  % /*…*/  words  oz  -  -
pan  Pan  #  braces  pan  -  -
papyrus  Papyrus  ; ;/…/;  words  psc  -  -
parrot  Parrot  #  words  parrot  -  -
pasm  Parrot Assembly  #  lines  pasm  -  -
pir  Parrot Internal Representation  #  words  pir  -  -
pascal  Pascal  // {…} (*…*)  words  pas pp dpr dpk lpr lfm dfm fpc  -  delphi objectpascal instantfpc
pawn  PAWN  // /*…*/  braces  pwn pawn  -  -
perl  Perl  # =pod…=cut  braces  pl pm perl ph plx psgi cpanfile al t xsubpp  Makefile.PL Rexfile ack
 cpanfile  cperl
perl6  Perl6  #  braces  p6 pl6 pm6 raku rakumod rakutest rakudoc nqp 6pl 6pm  -  raku rakudo
php  PHP  // # /*…*/  braces  php php3 php4 php5 php7 phps phpt ctp aw  .php_cs .php_cs.dist artisan  -
pig  PigLatin  -- /*…*/  lines  pig  -  piglatin
pike  Pike  // /*…*/  braces  pike pmod  -  -
pogoscript  PogoScript  // /*…*/  indent  pogo  -  -
pony  Pony  // /*…*/  words  pony  -  -
powershell  PowerShell  # <#…#>  braces  ps1 psm1 psd1 pssc psrc ps1xml  -  pwsh
processing  Processing  // /*…*/  braces  processing  -  -
prolog  Prolog  % /*…*/  lines  prolog pro yap  -  swipl
promql  PromQL  #  lines  promql  -  -
puppet  Puppet  #  braces  puppet epp  -  -
purebasic  PureBasic  ;  words  pb pbi  -  -
purescript  PureScript  -- {-…-}  indent  purs  -  -
python  Python  #  indent  py pyi pyw pyt gyp gypi wsgi xpy py3 pyde  SConstruct SConscript wscript
 .pythonrc .gclient DEPS  python2 python3 pypy pypy3 uv
qmake  QMake  #  braces  pri prf qmake  -  -
qml  QML  // /*…*/  braces  qml qbs  -  -
qsharp  Q#  //  braces  qs  -  -
r  R  #  braces  r rd rsx  .Rprofile .rprofile expr-dist  Rscript rscript ess-r
racket  Racket  ; #|…|#  parens  rkt rktd rktl scrbl  -  -
ragel  Ragel in Ruby Host  #  braces  rl  -  -
realbasic  REALbasic  ' //  words  rbbas rbfrm rbmnu rbres rbtbar rbuistate  -  -
rebol  Rebol  ;  braces  reb rebol r2 r3  -  -
red  Red  ;  braces  red reds  -  -
redcode  Redcode  ;  lines  cw redcode  -  -
renpy  Ren'Py  #  indent  rpy rpym  -  -
renderscript  RenderScript  // /*…*/  braces  rsh  -  -
rescript  ReScript  // /*…*/  braces  res resi  -  -
reason  Reason  // /*…*/  braces  re rei  -  reasonml
restructuredtext  reStructuredText  ..  indent  rst rest.txt rst.txt  -  rst
roc  Roc  #  indent  roc  -  -
rouge  Rouge  ;  parens  rg  -  -
ruby  Ruby  # =begin…=end  words  rb rbw rbx rake gemspec ru thor builder jbuilder podspec rabl prawn ruby
 rbi god irbrc rbuild  Gemfile Rakefile Podfile Fastfile Vagrantfile Guardfile Capfile Brewfile Appfile
 Berksfile Dangerfile Deliverfile Thorfile Steepfile .irbrc .pryrc .simplecov  jruby macruby rake irb
rust  Rust  // /*…*/  braces  rs rs.in  -  rust-script cargo
sage  Sage  #  indent  sage sagews  -  -
sas  SAS  * /*…*/  words  sas  -  -
sbt  sbt  // /*…*/  braces  sbt  -  -
scala  Scala  // /*…*/  braces  scala sc kojo  -  scala-cli amm
scheme  Scheme  ; #|…|#  parens  scm ss sld sps sch  -  guile chicken csi gambit gsi chez
scilab  Scilab  // /*…*/  words  sci sce  -  -
self  Self  "…"  parens  self  -  -
shaderlab  ShaderLab  // /*…*/  braces  shader  -  -
shellscript  Shell  #  words  sh bash zsh ksh command bats ash dash zsh-theme tool sh.in bash.in  .bashrc
 .bash_profile .bash_login .bash_logout .bash_aliases .bash_functions .profile .zshrc .zshenv .zprofile
 .zlogin .zlogout .kshrc .xinitrc .xprofile .xsession PKGBUILD APKBUILD gradlew configure mvnw bashrc zshrc
 profile  sh bash zsh ksh ash dash mksh pdksh busybox bats shell-script shell
shen  Shen  \\\\ \\*…*\\  parens  shen  -  -
slang  Slang  // /*…*/  braces  slang  -  -
slash  Slash  # //  braces  sl  -  -
smali  Smali  #  words  smali  -  -
smalltalk  Smalltalk  "…"  lines  st  -  gst
smt  SMT  ;  parens  smt smt2  -  z3 smtlib2
snakemake  Snakemake  #  indent  smk snakefile  Snakefile  -
solidity  Solidity  // /*…*/  braces  sol  -  -
sourcepawn  SourcePawn  // /*…*/  braces  sp sma  -  -
sparql  SPARQL  #  braces  sparql rq  -  -
spin  Propeller Spin  ' {…}  indent  spin spin2  -  -
sqf  SQF  // /*…*/  braces  sqf hqf  -  -
sql  SQL  -- /*…*/  lines  sql ddl dml mysql pgsql plsql psql tab udf viw prc pkb pks hql  -  mysql pgsql
 plsql postgres
squirrel  Squirrel  // # /*…*/  braces  nut  -  -
stan  Stan  // # /*…*/  braces  stan stanfunctions  -  -
starlark  Starlark  #  indent  bzl star bazel sky buck  BUILD BUILD.bazel WORKSPACE WORKSPACE.bazel
 MODULE.bazel WORKSPACE.bzlmod BUCK TARGETS Tiltfile  bazel bzl
sml  Standard ML  (*…*)  words  sml sig fun  -  -
stata  Stata  * // /*…*/  braces  do ado doh ihlp mata matah sthlp  -  -
supercollider  SuperCollider  // /*…*/  braces  scd  -  sclang
surql  SurrealQL  -- // # /*…*/  braces  surql  -  -
swift  Swift  // /*…*/  braces  swift swiftinterface  -  -
systemverilog  SystemVerilog  // /*…*/  words  sv svh vh svi  -  -
tablegen  TableGen  // /*…*/  braces  td  -  -
tcl  Tcl  #  braces  tcl tm adp sdc xdc itcl  -  tclsh wish expect
tcsh  Tcsh  #  words  csh tcsh  .cshrc .tcshrc .login  csh
templ  templ  // /*…*/  braces  templ  -  -
tla  TLA+  \\* (*…*)  lines  tla  -  tlaplus
turing  Turing  % /*…*/  words  tu turing  -  -
txl  TXL  % %(…)%  words  txl  -  -
typescript  TypeScript  // /*…*/  braces  ts mts cts  -  deno ts-node ts
typescriptreact  TSX  // /*…*/ {/*…*/}  braces  tsx  -  tsx typescript.tsx
typespec  TypeSpec  // /*…*/  braces  tsp  -  -
uno  Uno  // /*…*/  braces  uno  -  -
unrealscript  UnrealScript  // /*…*/  braces  uc  -  -
upc  Unified Parallel C  // /*…*/  braces  upc  -  -
urweb  UrWeb  (*…*)  words  ur urs  -  -
v  V  // /*…*/  braces  vv vmod  v.mod  vlang
vala  Vala  // /*…*/  braces  vala vapi  -  -
vb  Visual Basic  ' rem  words  vb vbs vba bas frm frx ctl  -  vbnet vbscript vba
velocity  Velocity  ## #*…*#  words  vm vtl  -  -
verilog  Verilog  // /*…*/  words  v veo vo vlg  -  -
vhdl  VHDL  --  words  vhdl vhd vhf vhi vho vhs vht vhw  -  -
vim  VimL  "  words  vim vimrc vmb  .vimrc _vimrc vimrc .gvimrc .exrc .nvimrc gvimrc  viml
volt  Volt  // /*…*/  braces  volt  -  -
vyper  Vyper  #  indent  vy  -  -
wasm  WebAssembly  ;; (;…;)  parens  wat wast  -  wat wast
wgsl  WGSL  // /*…*/  braces  wgsl  -  -
wisp  wisp  ;  indent  wisp  -  -
wit  WIT  // /*…*/  braces  wit  -  -
x10  X10  // /*…*/  braces  x10  -  -
xbase  xBase  // * /*…*/  words  prg ch  -  foxpro
xc  XC  // /*…*/  braces  xc  -  -
xojo  Xojo  ' //  words  xojo_code xojo_menu xojo_report xojo_script xojo_toolbar xojo_window  -  -
xquery  XQuery  (:…:)  braces  xquery xq xql xqm xqy  -  -
xs  XS  // /*…*/  braces  xs  -  -
xtend  Xtend  // /*…*/  braces  xtend  -  -
yacc  Yacc  // /*…*/  braces  y yacc yy  -  -
zephir  Zephir  // /*…*/  braces  zep  -  -
zig  Zig  //  braces  zig zon  -  -
zimpl  Zimpl  #  lines  zimpl zmpl zpl  -  -
"""
