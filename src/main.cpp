#include "pbxbridge/program.hpp"

int main(int argc, char** argv) { return pbxbridge::run(argc, argv, pbxbridge::built_in_sink_types()); }
