"""The texts of the interfaces in other languages: ischio.pot holds them in English, a .po file each translation."""
