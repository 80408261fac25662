#include "replay/store/xml_reader.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(XmlReader, ReadsElementsAndText) {
  const auto root = parse_xml(
      "\n  <?xml version=\"1.0\"?>\n<!-- c --><a:Root xmlns:a='x' y=\"&gt;\"><Key>a &amp; b&#x20AC;&#65;</Key>"
      "<Empty/><Key><![CDATA[<raw>&]]></Key></a:Root>\n");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->name, "Root");
  EXPECT_EQ(root->text_of("Key"),
            "a & b\xE2\x82\xAC"
            "A");
  ASSERT_EQ(root->children.size(), 3U);
  EXPECT_EQ(root->children[2].text, "<raw>&");
  EXPECT_EQ(root->text_of("Missing"), "");
  EXPECT_EQ(root->child("Missing"), nullptr);
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  for (const char* const text : {"",
                                 "text",
                                 "<a>",
                                 "<a></b>",
                                 "<a><b></a></b>",
                                 "<a>&unknown;</a>",
                                 "<a>&#0;</a>",
                                 "<a>&#xD800;</a>",
                                 "<a>&#x110000;</a>",
                                 "<a>&amp</a>",
                                 "<a/><b/>",
                                 "<a x></a>",
                                 "<a x=1/>",
                                 "<a x='<'/>",
                                 "<a x='1'y='2'/>",
                                 "<a><!-- </a>",
                                 "<a",
                                 "< a/>",
                                 "<a>]]></a",
                                 "<a></a x>"}) {
    EXPECT_FALSE(parse_xml(text)) << text;
  }
}

TEST(XmlReader, RefusesDocumentTypes) {
  EXPECT_FALSE(parse_xml("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"));
  EXPECT_FALSE(parse_xml("<a><!ENTITY x \"y\"></a>"));
}

TEST(XmlReader, IsBounded) {
  std::string deep, wide = "<a>";
  for (std::size_t i = 0; i < xml_depth_max + 1; ++i) deep += "<a>";
  for (std::size_t i = 0; i < xml_depth_max + 1; ++i) deep += "</a>";
  EXPECT_FALSE(parse_xml(deep));
  for (std::size_t i = 0; i < xml_elements_max; ++i) wide += "<b/>";
  EXPECT_FALSE(parse_xml(wide + "</a>"));
}

TEST(XmlReader, EveryCutIsAnError) {
  const std::string text = "<?xml version='1.0'?><a><b x='1'>t&amp;</b><![CDATA[x]]></a>";
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse_xml(text.substr(0, size))) << size;
  EXPECT_TRUE(parse_xml(text));
}

}  // namespace
}  // namespace understudy
