// What the build put into the program out of page/ and uPlot; defined in generated files. They live as long as it does.
#pragma once

#include <string_view>

namespace understudy {

[[nodiscard]] std::string_view page_script();  // the scripts of page/, one after the other
[[nodiscard]] std::string_view page_style();
[[nodiscard]] std::string_view chart_script();   // uPlot, minified; "" where the build had none
[[nodiscard]] std::string_view chart_style();    // ""
[[nodiscard]] std::string_view chart_licence();  // its text, which a copy has to carry; ""

}  // namespace understudy
