# cmake -DOUTPUT=FILE.cpp -DNAMESPACE=NAME -DSYMBOL=NAME -DINPUT=FILE -P embed.cmake: a file's bytes as `const std::string_view
# SYMBOL` of pbxbridge::NAMESPACE.
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include <string_view>\n\nnamespace pbxbridge::${NAMESPACE} {\n\nnamespace {\n\nconst unsigned char bytes[] = {${bytes}};\n\n}  // namespace\n\nextern const std::string_view ${SYMBOL};\nconst std::string_view ${SYMBOL}(reinterpret_cast<const char*>(bytes), sizeof bytes);\n\n}  // namespace pbxbridge::${NAMESPACE}\n")
