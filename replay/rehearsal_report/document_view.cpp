#include "replay/rehearsal_report/document_view.hpp"

namespace understudy {

DocumentView DocumentView::operator[](std::string_view member) const {
  if (value_ == nullptr || !value_->is_object()) return DocumentView(nullptr);
  return DocumentView(value_->get_object().if_contains(boost::json::string_view(member.data(), member.size())));
}

std::vector<DocumentView> DocumentView::items() const {
  std::vector<DocumentView> found;
  if (value_ == nullptr || !value_->is_array()) return found;
  for (const boost::json::value& item : value_->get_array()) found.emplace_back(&item);
  return found;
}

std::vector<std::pair<std::string, DocumentView>> DocumentView::members() const {
  std::vector<std::pair<std::string, DocumentView>> found;
  if (value_ == nullptr || !value_->is_object()) return found;
  for (const auto& member : value_->get_object()) found.emplace_back(std::string(member.key()), &member.value());
  return found;
}

std::string DocumentView::text() const {
  return value_ != nullptr && value_->is_string() ? std::string(value_->get_string()) : std::string();
}

std::optional<double> DocumentView::number() const {
  if (value_ == nullptr || !value_->is_number()) return std::nullopt;
  return value_->to_number<double>();
}

}  // namespace understudy
