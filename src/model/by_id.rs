//! Maps by ids, for hundreds of thousands of them.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::ids::Id;

/// A map by ids, which are 16 bytes in it where Mattermost has made them.
///
/// It is a tree, because that grows a little at a time: a table of hashes is copied whole, and has twice the
/// room that it needs, whenever it is full.
#[derive(Debug)]
pub struct ById<K, V> {
    plain: BTreeMap<[u8; 16], V>,
    /// Those that somebody else has made.
    odd: BTreeMap<K, V>,
}

impl<K: Id + Ord, V> ById<K, V> {
    /// What belongs to an id.
    pub fn get(&self, id: &K) -> Option<&V> {
        match id.to_bytes() {
            Some(bytes) => self.plain.get(&bytes),
            None => self.odd.get(id),
        }
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: &K) -> Option<&mut V> {
        match id.to_bytes() {
            Some(bytes) => self.plain.get_mut(&bytes),
            None => self.odd.get_mut(id),
        }
    }

    /// The same; it is there from now on.
    pub fn get_or_default(&mut self, id: K) -> &mut V
    where
        V: Default,
    {
        match id.to_bytes() {
            Some(bytes) => self.plain.entry(bytes).or_default(),
            None => self.odd.entry(id).or_default(),
        }
    }

    /// This belongs to an id now.
    pub fn insert(&mut self, id: K, value: V) {
        match id.to_bytes() {
            Some(bytes) => self.plain.insert(bytes, value),
            None => self.odd.insert(id, value),
        };
    }

    /// Takes away what belongs to an id.
    pub fn remove(&mut self, id: &K) -> Option<V> {
        match id.to_bytes() {
            Some(bytes) => self.plain.remove(&bytes),
            None => self.odd.remove(id),
        }
    }

    /// All of them, in an order of its own.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let plain = self.plain.iter();
        let odd = self.odd.iter().map(|(id, value)| (*id, value));
        plain
            .map(|(id, value)| (K::from_bytes(*id), value))
            .chain(odd)
    }

    /// Those that come after one in that order, or all.
    pub fn after(&self, id: Option<&K>) -> impl Iterator<Item = (K, &V)> {
        let bytes = id.and_then(Id::to_bytes);
        let is_odd = id.filter(|_| bytes.is_none());
        let beyond = bytes.map_or(Bound::Unbounded, Bound::Excluded);
        let plain = is_odd
            .is_none()
            .then(|| self.plain.range((beyond, Bound::Unbounded)));
        let beyond = is_odd.map_or(Bound::Unbounded, |id| Bound::Excluded(*id));
        let odd = self.odd.range((beyond, Bound::Unbounded));
        let plain = plain.into_iter().flatten();
        plain
            .map(|(id, value)| (K::from_bytes(*id), value))
            .chain(odd.map(|(id, value)| (*id, value)))
    }

    /// All that belongs to any of them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.plain.values_mut().chain(self.odd.values_mut())
    }
}

impl<K, V> Default for ById<K, V> {
    fn default() -> Self {
        Self {
            plain: BTreeMap::new(),
            odd: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::ChannelId;

    #[test]
    fn what_belongs_to_an_id_is_found_whoever_made_it() {
        let odd = |letter: &str| ChannelId::parse(&letter.repeat(26)).unwrap();
        let all = [
            ChannelId::from_bytes([1; 16]),
            ChannelId::from_bytes([2; 16]),
            odd("0"),
            odd("l"),
        ];
        let mut map = ById::default();
        for (n, id) in all.iter().enumerate() {
            map.insert(*id, n);
            *map.get_or_default(*id) += 10;
        }
        let ids = |map: &ById<ChannelId, usize>| map.iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids(&map), all);
        for (n, id) in all.iter().enumerate() {
            assert_eq!(map.get(id), Some(&(n + 10)));
            let after: Vec<_> = map.after(Some(id)).map(|(id, _)| id).collect();
            assert_eq!(after, all[n + 1..]);
        }
        assert_eq!(map.after(None).count(), 4);
        map.values_mut().for_each(|value| *value = 0);
        assert_eq!(map.remove(&all[2]), Some(0));
        assert_eq!(map.remove(&all[0]), Some(0));
        assert_eq!((map.get(&all[2]), ids(&map)), (None, vec![all[1], all[3]]));
    }
}
