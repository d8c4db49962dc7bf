"""Formats of text, data and settings as rows in the form of `context/language_table.py`."""

from __future__ import annotations

ROWS = """
apacheconf  ApacheConf  #  tags  apacheconf vhost  .htaccess apache2.conf httpd.conf  apache
asciidoc  AsciiDoc  // ////…////  lines  asciidoc adoc asc  -  -
beancount  Beancount  ;  indent  beancount  -  -
bibtex  BibTeX  %  braces  bib  -  -
bicep  Bicep  // /*…*/  braces  bicep bicepparam  -  -
blade  Blade  {{--…--}} <!--…-->  tags  blade.php  -  -
capnp  Cap'n Proto  #  braces  capnp  -  -
cartocss  CartoCSS  // /*…*/  braces  mss  -  -
cfml  ColdFusion  <!---…--->  tags  cfm cfml  -  cfmhtml
conf  Configuration  #  lines  conf  -  -
creole  Creole  -  lines  creole  -  -
css  CSS  /*…*/  braces  css pcss postcss  -  postcss
csv  CSV  -  lines  csv tsv psv  -  tsv
cucumber  Cucumber  #  indent  feature  -  gherkin
cue  CUE  //  braces  cue  -  -
darcs  Darcs Patch  -  lines  darcspatch dpatch  -  -
debcontrol  Debian Control  #  lines  dsc  debian/control  -
desktop  desktop  #  lines  desktop desktop.in directory  -  -
dhall  Dhall  -- {-…-}  indent  dhall  -  -
diff  Diff  #  lines  diff patch rej  -  patch
django-html  HTML+Django  <!--…--> {#…#}  tags  jinja jinja2 j2 djhtml njk html.j2  -  htmldjango jinja
 jinja-html nunjucks
dns  DNS Zone  ;  lines  zone arpa  -  bindzone dns-zone
dockerfile  Dockerfile  #  lines  dockerfile containerfile  Dockerfile Containerfile dockerfile  -
dockercompose  Docker Compose  #  indent  -  docker-compose.yml docker-compose.yaml compose.yml
 compose.yaml  yaml.docker-compose
dotenv  Dotenv  #  lines  env.example env.sample env.template  .env.example .env.sample .env.template  -
eagle  Eagle  <!--…-->  tags  eagle  -  -
edn  edn  ;  parens  edn  -  -
editorconfig  EditorConfig  # ;  lines  -  .editorconfig  -
eex  HTML+EEX  <!--…-->  tags  eex leex heex  -  heex html-eex phoenix-heex
erb  HTML+ERB  <!--…--> <%#…%>  tags  erb erb.deface  -  eruby html-erb
freemarker  FreeMarker  <#--…-->  tags  ftl ftlh  -  ftl
gcode  G-code  ; (…)  lines  gcode gco g nc  -  -
gdresource  Godot Resource  ;  lines  tres tscn godot import  -  -
genshi  Genshi  <!--…-->  tags  kid genshi  -  -
gettext  Gettext Catalog  #  lines  po pot  -  po
git-commit  Git Commit  #  lines  -  COMMIT_EDITMSG MERGE_MSG TAG_EDITMSG  gitcommit
git-rebase  Git Rebase  #  lines  -  git-rebase-todo  gitrebase
gitattributes  Git Attributes  #  lines  -  .gitattributes  -
gitconfig  Git Config  # ;  indent  gitconfig  .gitconfig .gitmodules  -
graphql  GraphQL  #  braces  graphql gql graphqls  -  -
dot  Graphviz (DOT)  // # /*…*/  braces  dot gv  -  graphviz
groff  Groff  .\\" \\"  lines  man roff nroff troff 1 1in 2 3 4 5 6 7 8 9 me mdoc rno  -  nroff troff man
gsp  Groovy Server Pages  <%--…--%> <!--…-->  tags  gsp  -  -
haml  Haml  -#  indent  haml haml.deface  -  -
handlebars  Handlebars  {{!--…--}} <!--…-->  tags  hbs handlebars mustache  -  html.handlebars mustache
hcl  HCL  # // /*…*/  braces  hcl nomad  -  -
html  HTML  <!--…-->  tags  html htm xhtml xht hta html.hl  -  -
http  HTTP  # //  lines  http rest  -  -
ignore  Ignore List  #  lines  gitignore  .gitignore .dockerignore .npmignore .ignore .hgignore
 .eslintignore .prettierignore .rgignore .fathomignore .aiexclude .aiignore .cursorignore
 .cursorindexingignore .codeiumignore .aiderignore .continueignore .geminiignore .qwenignore .clineignore
 .rooignore .augmentignore .copilotignore  gitignore
inform7  Inform 7  […]  lines  ni i7x  -  -
ini  INI  ; #  lines  ini cfg prefs lektorproject service socket timer mount target  .pylintrc .flake8
 .coveragerc pylintrc  dosini cfg systemd
irclog  IRC log  -  lines  irclog weechatlog  -  -
jade  Jade  //  indent  jade pug  -  pug
json  JSON  -  braces  json webmanifest geojson gltf topojson avsc mcmeta  .all-contributorsrc .arcconfig
 .watchmanconfig  -
json5  JSON5  // /*…*/  braces  json5  -  -
jsonc  JSON with Comments  // /*…*/  braces  jsonc code-workspace code-snippets sublime-settings
 sublime-project sublime-keymap sublime-commands  tsconfig.json jsconfig.json .eslintrc.json .babelrc
 .jshintrc .swcrc devcontainer.json language-configuration.json tslint.json  -
jsonld  JSONLD  -  braces  jsonld  -  -
jsonl  JSON Lines  -  lines  jsonl ndjson  -  ndjson
jsonnet  Jsonnet  // # /*…*/  braces  jsonnet libsonnet  -  -
jsp  Java Server Pages  <%--…--%> <!--…-->  tags  jsp jspf jspx tag tagx  -  -
jupyter  Jupyter Notebook  -  braces  ipynb  -  -
kdl  KDL  // /*…*/  braces  kdl  -  -
kicad  KiCad  #  parens  kicad_pcb kicad_sch kicad_mod kicad_sym kicad_wks  fp-lib-table sym-lib-table  -
kit  Kit  <!--…-->  tags  kit  -  -
kconfig  Kconfig  #  indent  -  Kconfig Kconfig.debug  -
labview  LabVIEW  <!--…-->  tags  lvproj lvlib  -  -
latex  LaTeX  %  words  ltx latex sty cls dtx ins  -  -
latte  Latte  {*…*}  tags  latte  -  -
less  Less  // /*…*/  braces  less  -  -
lilypond  LilyPond  % %{…%}  braces  ly ily  -  -
liquid  Liquid  {%comment%}…{%endcomment%}  tags  liquid  -  -
lookml  LookML  #  braces  lookml lkml  -  -
mako  Mako  ## <%doc>…</%doc>  tags  mako mao  -  -
markdown  Markdown  <!--…-->  lines  md markdown mdown mdwn mkd mkdn mkdown ronn workbook
 livemd  contents.lr  -
max  Max  -  braces  maxpat maxhelp maxproj mxt  -  -
mdx  MDX  {/*…*/}  lines  mdx  -  -
mediawiki  MediaWiki  <!--…-->  lines  mediawiki wiki  -  -
mermaid  Mermaid  %%  indent  mmd mermaid  -  -
mtml  MTML  <!--…-->  tags  mtml  -  -
myghty  Myghty  #  tags  myt  -  -
nginx  Nginx  #  braces  nginx nginxconf  nginx.conf mime.types fastcgi_params  -
objdump  ObjDump  -  lines  objdump  -  -
org  Org  #  lines  org org_archive  -  -
owl  Web Ontology Language  <!--…-->  tags  owl omn  -  -
php-html  HTML+PHP  // # /*…*/ <!--…-->  tags  phtml  -  -
pickle  Pickle  -  lines  pickle  -  -
pkl  Pkl  // /*…*/  braces  pkl  -  -
plaintext  Text  -  lines  txt text log nfo  README LICENSE LICENCE COPYING AUTHORS CHANGES CHANGELOG
 CONTRIBUTORS INSTALL NEWS NOTICE TODO VERSION  text txt fundamental
pod  Pod  -  lines  pod  -  -
postscript  PostScript  %  braces  ps eps epsi pfa  -  -
povray  POV-Ray SDL  // /*…*/  braces  pov  -  -
prisma  Prisma  //  braces  prisma  -  -
properties  Java Properties  # !  lines  properties  -  jproperties java-properties
proto3  Protocol Buffer  // /*…*/  braces  proto  -  proto protobuf
textproto  Protocol Buffer Text  #  braces  textproto pbtxt prototxt txtpb  -  pbtxt
publickey  Public Key  -  lines  pub  -  -
puredata  Pure Data  -  lines  pd  -  -
pytb  Python traceback  -  lines  pytb  -  -
quarto  Quarto  <!--…-->  lines  qmd  -  -
raml  RAML  #  indent  raml  -  -
razor  Razor  @*…*@ <!--…-->  tags  cshtml razor vbhtml  -  aspnetcorerazor
rawtoken  Raw token data  -  lines  raw  -  -
rdoc  RDoc  -  lines  rdoc  -  -
rhtml  RHTML  <!--…-->  tags  rhtml  -  -
rmd  RMarkdown  <!--…-->  lines  rmd  -  rmarkdown
robot  RobotFramework  #  indent  robot resource  -  robotframework
saltstack  SaltStack  #  indent  sls  -  -
sass  Sass  // /*…*/  indent  sass  -  -
scaml  Scaml  -#  indent  scaml  -  -
scss  SCSS  // /*…*/  braces  scss  -  -
shellsession  ShellSession  #  lines  sh-session shellsession console  -  -
slim  Slim  /  indent  slim  -  -
smarty  Smarty  {*…*}  tags  tpl smarty  -  -
smithy  Smithy  //  braces  smithy  -  -
ston  STON  -  braces  ston  -  -
strings  Apple Strings  // /*…*/  lines  strings  -  -
stylus  Stylus  // /*…*/  indent  styl stylus  -  -
svelte  Svelte  // <!--…--> /*…*/  tags  svelte  -  -
svg  SVG  <!--…-->  tags  svg  -  -
tea  Tea  <!--…-->  tags  tea  -  -
terraform  Terraform  # // /*…*/  braces  tf tofu tftest.hcl  -  terraform-vars opentofu
tex  TeX  %  words  tex bbx cbx toc mkii mkiv mkvi lbx  -  plaintex context
textile  Textile  ###.  lines  textile  -  -
thrift  Thrift  // # /*…*/  braces  thrift  -  -
toml  TOML  #  lines  toml toml.example  Cargo.toml.orig Pipfile .taplo  -
turtle  Turtle  #  lines  ttl n3 nt nq trig  -  -
twig  Twig  {#…#}  tags  twig html.twig  -  -
typst  Typst  // /*…*/  lines  typ  -  -
unity  Unity3D Asset  #  indent  unity asset prefab mat anim meta controller physicmaterial  -  -
vcl  VCL  # // /*…*/  braces  vcl  -  -
vue  Vue  // <!--…--> /*…*/  tags  vue  -  -
webidl  WebIDL  // /*…*/  braces  webidl  -  -
xml  XML  <!--…-->  tags  xml xsd wsdl rss atom plist csproj vbproj fsproj vcxproj vcproj props targets
 nuspec resx xaml axaml xib storyboard xlf xliff pom iml ant kml gpx mathml rdf resw ui qrc launch urdf
 xacro sdf tmx vxml wixproj wxs wxi wxl zcml dita ditamap fxml glade grxml jelly mxml natvis nproj odd osm
 pt scxml shproj slnx sublime-snippet tml tmlanguage tmtheme xmi xul filters vstemplate
 vsixmanifest  .classpath .project .cproject App.config Web.config web.config app.config packages.config
 NuGet.Config  -
xpages  XPages  <!--…-->  tags  xsp-config xsp.metadata  -  -
xproc  XProc  <!--…-->  tags  xpl xproc  -  -
xsl  XSLT  <!--…-->  tags  xsl xslt  -  xslt
yaml  YAML  #  indent  yaml yml yaml-tmlanguage syntax mir reek eyaml  .clang-format .clang-tidy .clangd
 .gemrc CITATION.cff  -
yang  YANG  // /*…*/  braces  yang  -  -
"""
